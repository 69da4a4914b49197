import { expect, it } from 'vitest';
import { check } from '../../../lib/cli/check.ts';
import { fixture } from '../../helpers/folder.ts';

const told = async (folder: string) => {
  const { findings, problems, migrations } = await check(folder);
  const of = (wanted: string) =>
    findings
      .filter(({ severity, excepted }) => severity === wanted && !excepted)
      .map(({ file, line, rule }) => `${file.split('/').at(-1)!.split('_')[0]}:${line} ${rule}`);
  return { migrations, problems, errors: of('error'), warnings: of('warning') };
};

it('forty migrations of a service that does it well, by expanding and contracting, have no error', async () => {
  expect(await told(fixture('forty'))).toEqual({
    migrations: 40,
    problems: [],
    errors: [],
    // Nothing else does what these two do; that the table is empty still, only its author knows.
    warnings: ['004:3 blocking-unique', '014:1 unrepeatable-step'],
  });
});

it('the sample service has no error, and warnings where it takes its tables to be small', async () => {
  expect(await told('migrations')).toMatchObject({
    problems: [],
    errors: [],
    warnings: ['0009:2 unbounded-backfill', '0012:25 backfill-under-lock', '0013:7 drop-column'],
  });
});
