import { decideByPage } from './decide-by-page.ts';
import { onKey } from './keys.ts';
import type { Progress } from './progress.ts';

/**
 * Gets a request answered: `ask` is given a link to a plan and `held` one to a rollout that is held, `failed` rejects
 * where nobody could answer, `close` ends the asking.
 */
export type Approver = {
  ask: (link: string) => void;
  held: (link: string) => void;
  failed: Promise<never>;
  close: () => void;
};

type Decision = 'approved' | 'rejected';

/**
 * The person at the terminal decides, by the link or with a key; without one, or with `yes`, this command does.
 * `otherwise` decides where a link in a mail does not prove enough.
 */
export const approver = (
  environment: string,
  progress: Progress,
  { yes, otherwise }: { yes: boolean; otherwise: ((decision: Decision, reason: string) => Promise<void>) | null },
): Approver => {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {});
  let asked = false;
  let heldLink: string | undefined;
  const decide = async (link: string, decision: Decision, how: string) => {
    const reason = decision === 'rejected' ? 'rejected at the terminal' : '';
    const where = otherwise ? 'in the name of its approvers' : 'through its page';
    try {
      if (otherwise) await otherwise(decision, reason);
      else await decideByPage(link, { decision, environment, reason });
      progress({ event: 'decided', environment, how: `${decision} ${where} ${how}` });
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      progress({ event: 'decided', environment, how: `not ${decision}: ${why}` });
      if (otherwise && automatic) fail(error);
    }
  };
  let end = () => {};
  const automatic = yes || !process.stdin.isTTY;
  const there = otherwise ? 'in the name of its approvers' : 'there';
  const hint = automatic
    ? `${yes ? '--yes' : 'no terminal to ask at'}: approving it ${there}`
    : `open the link to read the plan${otherwise ? '' : ' and decide there'}, or press a to approve, r to reject`;
  return {
    failed,
    ask: (link) => {
      // One link for each approver, and one is enough to ask once; by mail each of them has to say yes for themselves.
      if (asked && (otherwise || !automatic)) return;
      asked = true;
      progress({ event: 'waiting', environment, link, hint });
      if (automatic) void decide(link, 'approved', `by lockstep local run${yes ? ' --yes' : ''}`);
      else {
        end = onKey({
          a: () => decide(link, 'approved', 'at the terminal'),
          r: () => decide(link, 'rejected', 'at the terminal'),
        });
      }
    },
    held: (link) => {
      // One link for each person, and the first one is as good as any.
      if (heldLink !== undefined) return;
      heldLink = link;
      const hint = automatic
        ? 'held, and nobody is at a terminal to say what becomes of it: abandoning it'
        : 'the rollout is held: open the link, and resume, revert or abandon it there';
      progress({ event: 'waiting', environment, link, hint });
      if (!automatic) return;
      const reason = 'lockstep local run had nobody to ask';
      const told = (how: string) => progress({ event: 'decided', environment, how });
      decideByPage(link, { decision: 'abandon', environment, reason }).then(
        () => told('abandoned by lockstep local run'),
        (error: Error) => told(`not abandoned: ${error.message}`),
      );
    },
    close: () => end(),
  };
};
