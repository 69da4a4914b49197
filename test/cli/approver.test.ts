import { expect, it, vi } from 'vitest';
import { approver } from '../../lib/cli/approver.ts';
import type { Happening } from '../../lib/cli/progress.ts';

/** Asked twice, as where two approvers get mail; `--yes` decides. */
const askedTwice = async (otherwise: () => Promise<void>) => {
  const told: Happening[] = [];
  const { ask, failed } = approver('production', (it) => told.push(it), { yes: true, otherwise });
  ask('http://127.0.0.1:1/approvals/a');
  ask('http://127.0.0.1:1/approvals/b');
  const outcome = await Promise.race([failed.catch((error: Error) => error.message), settled()]);
  return { told: told.map((it) => ('how' in it ? it.how : 'hint' in it ? it.hint : it.event)), outcome };
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 20, 'went on'));

it('decides once in the name of the approvers where a link is not enough, however many were mailed', async () => {
  let decided = 0;
  const { told, outcome } = await askedTwice(async () => {
    decided += 1;
  });
  expect([decided, outcome]).toEqual([1, 'went on']);
  expect(told).toEqual([
    '--yes: approving it in the name of its approvers',
    'approved in the name of its approvers by lockstep local run --yes',
  ]);
});

it('ends the waiting where nobody can approve', async () => {
  const { told, outcome } = await askedTwice(() => Promise.reject(new Error('nobody can')));
  expect(outcome).toBe('nobody can');
  expect(told.at(-1)).toBe('not approved: nobody can');
});

it('abandons what is held where there is nobody to ask, and never approves it', async () => {
  const told: Happening[] = [];
  const { held } = approver('production', (it) => told.push(it), { yes: true, otherwise: async () => {} });
  held('http://127.0.0.1:1/approvals/a');
  held('http://127.0.0.1:1/approvals/b');
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(told[0]).toMatchObject({
    link: 'http://127.0.0.1:1/approvals/a',
    hint: expect.stringMatching(/abandoning it$/),
  });
  expect(told.slice(1)).toMatchObject([{ how: expect.stringMatching(/^not abandoned: /) }]);
});
