import { userInfo } from 'node:os';
import { decideByPage } from './decide-by-page.ts';
import { onKey } from './keys.ts';
import type { Progress } from './progress.ts';

/** Gets a request answered: `ask` is given the link, `close` ends the asking however it was answered. */
export type Approver = { ask: (link: string) => void; close: () => void };

/** The person at the terminal decides, by the link or with a key; without one, or with `yes`, this command does. */
export const approver = (environment: string, progress: Progress, yes: boolean): Approver => {
  const person = userInfo().username;
  const decide = async (link: string, decision: 'approved' | 'rejected', by: string) => {
    try {
      await decideByPage(link, { decision, by, reason: decision === 'rejected' ? 'rejected at the terminal' : '' });
      progress({ event: 'decided', environment, how: `${decision} through its page as ${by}` });
    } catch (error) {
      progress({
        event: 'decided',
        environment,
        how: `not ${decision}: ${error instanceof Error ? error.message : error}`,
      });
    }
  };
  if (yes || !process.stdin.isTTY) {
    const hint = yes ? '--yes: approving it there' : 'no terminal to ask at: approving it there';
    return {
      ask: (link) => {
        progress({ event: 'waiting', environment, link, hint });
        void decide(link, 'approved', `${person} (lockstep local run${yes ? ' --yes' : ''})`);
      },
      close: () => {},
    };
  }
  let end = () => {};
  return {
    ask: (link) => {
      progress({
        event: 'waiting',
        environment,
        link,
        hint: 'open the link to read the plan and decide there, or press a to approve, r to reject',
      });
      end = onKey({ a: () => decide(link, 'approved', person), r: () => decide(link, 'rejected', person) });
    },
    close: () => end(),
  };
};
