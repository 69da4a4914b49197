import { inspect } from '../lib/database/inspect.ts';
import { session } from '../lib/database/session.ts';
import { standing } from '../lib/fleet/pending.ts';
import { databaseOf, failed, verdictBase, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict, type Verdict } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket, rdsData } from './services.ts';
import { task } from './task.ts';

/** Looks at what really stands in the database, instead of trusting what apply said. */
export const handler = task({
  name: 'Verify',
  input: WorkItem,

  async run(item, { remaining }) {
    const bundle = await bucket().bundle(item.run.digest);
    const data = session(rdsData());
    const { history, fingerprint, invalidIndexes, notValidated } = await inspect(data, databaseOf(item), remaining);
    const { applied, problems } = standing(bundle, history);
    const before = new Set(item.database.blemishes);
    const missing = bundle.migrations.slice(applied).map(({ file }) => `${file} is missing from the history`);
    const findings = [
      ...problems,
      ...missing,
      ...invalidIndexes.filter((it) => !before.has(it)).map((it) => `index ${it} is invalid`),
      ...notValidated.filter((it) => !before.has(it)).map((it) => `constraint ${it} is not validated`),
    ];
    const verdict: Verdict =
      findings.length === 0
        ? { ...verdictBase(item), verdict: 'applied', failure: null, fingerprint }
        : failed(item, { migration: null, statement: null, sqlstate: '', message: findings.join('; ') }, bundle);
    await recordVerdict(ledger(), item.run.run, {
      ...verdict,
      fingerprint,
      dataApiCalls: verdict.dataApiCalls + data.calls(),
    });
    return { verdict: verdict.verdict };
  },
});
