import { expect, it } from 'vitest';
import { exitCodeOf, exits } from '../../lib/cli/exit.ts';
import { findRun } from '../../lib/cli/find-run.ts';

const arn = (run: string) => `arn:aws:states:eu-west-1:1:execution:lockstep-shop-hold:${run}`;
const parameter = (environment: string) => ({
  Name: `/lockstep/shop/${environment}`,
  Value: JSON.stringify({
    ...{ service: 'shop', environment, bucket: 'b', ledger: environment, approvalUrl: '' },
    ...{ stateMachineArn: arn(''), fleet: { bucket: 'b', key: 'k' } },
  }),
});

/** Two environments: in `hold` an execution that stands so has the lease, or none; `auto` knows the run `known`. */
const found = (name: string, run?: string, owner: { status: string } | null = null) => {
  const dynamodb = async ({ input }: { input: { TableName: string; Key: { pk: string } } }) => {
    const { TableName, Key } = input;
    if (Key.pk === 'LEASE' && TableName === 'hold')
      return { Item: owner ? { owner: arn('run-7'), token: 1 } : { token: 1 } };
    return { Item: TableName === 'auto' && Key.pk === 'RUN#known' ? { run: 'known' } : undefined };
  };
  const clients = {
    dynamodb: { send: dynamodb },
    sfn: { send: async () => ({ status: owner?.status }) },
    ssm: { send: async () => ({ Parameters: ['auto', 'hold'].map(parameter) }) },
  } as never;
  return findRun(clients, name, run).then(
    ({ pipeline, run }) => `${pipeline.environment} ${run}`,
    (error: Error) => ({ name: error.name, message: error.message, exitCode: exitCodeOf(error) }),
  );
};

it('is the run that is at work where an environment alone is named', async () => {
  expect(await found('hold', undefined, { status: 'RUNNING' })).toBe('hold run-7');
  expect(await found('shop/hold', undefined, { status: 'RUNNING' })).toBe('hold run-7');
});

it.each([null, { status: 'ABORTED' }])('and where none is, that is said: %o', async (owner) => {
  expect(await found('hold', undefined, owner)).toEqual({
    ...{ name: 'NothingAtWork', exitCode: exits.failed },
    message: 'Nothing is at work in hold. `lockstep history hold` tells of what was.',
  });
});

it('is looked for everywhere by its name alone', async () => {
  expect(await found('known')).toBe('auto known');
  expect(await found('hold', 'any')).toBe('hold any');
});

it('is wrong usage where no environment and no run is called so', async () => {
  expect(await found('bogus')).toMatchObject({ name: 'UnknownRun', exitCode: exits.usage });
  // As the approval endpoint calls a run that is not there.
  expect(exitCodeOf(Object.assign(new Error(), { name: 'NoSuchRun' }))).toBe(exits.usage);
});
