import { type Inspection, inspect } from '../lib/database/inspect.ts';
import { type Session, session } from '../lib/database/session.ts';
import { failing } from '../lib/database/verify.ts';
import { levelOf } from '../lib/fleet/drift/level.ts';
import { pendingOf, standing } from '../lib/fleet/pending.ts';
import { reverting } from '../lib/fleet/reverting.ts';
import { runRows } from '../lib/fleet/run-rows.ts';
import { databaseOf, failed, verdictBase, WorkItem } from '../lib/fleet/work-item.ts';
import { recordBase } from '../lib/ledger/expected.ts';
import { recordVerdict, type Verdict } from '../lib/ledger/runs.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { ledger } from './ledger.ts';
import { bucket, rdsData } from './services.ts';
import { task } from './task.ts';

/** Looks at what really stands in the database, instead of trusting what apply said. */
export const handler = task({
  name: 'Verify',
  input: WorkItem,

  async run(item, { remaining, now }) {
    const bundle = await bucket().bundle(item.run.digest);
    const data = session(rdsData());
    const found = await inspect(data, databaseOf(item), remaining);
    const { fingerprint, invalidIndexes, notValidated } = found;
    const checks = item.run.direction === 'up' ? (bundle.verify ?? []) : [];
    const before = new Set(item.database.blemishes);
    const findings = [
      ...(item.run.revert === null ? gone(found, bundle) : await left(item, bundle, data, item.run.revert)),
      ...invalidIndexes.filter((it) => !before.has(it)).map((it) => `index ${it} is invalid`),
      ...notValidated.filter((it) => !before.has(it)).map((it) => `constraint ${it} is not validated`),
      ...(await failing(data, databaseOf(item), checks, { due: 'after', remaining })),
    ];
    const sound = item.run.direction === 'up' ? 'applied' : 'reverted';
    const verdict: Verdict =
      findings.length === 0
        ? { ...verdictBase(item), verdict: sound, failure: null, fingerprint }
        : failed(item, { migration: null, statement: null, sqlstate: '', message: findings.join('; ') }, bundle);
    await recordVerdict(
      ledger(),
      item.run.run,
      {
        ...verdict,
        ...timed(verdict, found),
        fingerprint,
        dataApiCalls: verdict.dataApiCalls + data.calls(),
      },
      item.wave.wave,
    );
    const base = { fingerprint, level: levelOf(found.history), at: now().toISOString(), run: item.run.run };
    await recordBase(ledger(), verdict, base);
    return { verdict: verdict.verdict };
  },
});

/** Nobody has timed what a person has settled, or what was taken back. */
const timed = ({ applied }: Verdict, { history }: Inspection): Pick<Verdict, 'timings'> => {
  if (applied.length === 0) return {};
  const milliseconds = new Map(history.map((it) => [it.migration, it.milliseconds]));
  return { timings: applied.map((id) => milliseconds.get(id) ?? null) };
};

/** What speaks against having all of the bundle. */
const gone = ({ history }: Inspection, bundle: Bundle): string[] => {
  const { problems, ...place } = standing(bundle, history);
  const pending = new Set(pendingOf(bundle, place));
  const missing = bundle.migrations.filter(({ id }) => pending.has(id));
  return [...problems, ...missing.map(({ file }) => `${file} is missing from the history`)];
};

/** What still stands of the run that was to be taken back. */
const left = async (item: WorkItem, bundle: Bundle, data: Session, revert: string): Promise<string[]> => {
  const history = await runRows(data, databaseOf(item));
  const { pending, problems } = reverting(bundle, history, { run: item.run.run, revert });
  return [...problems, ...pending.map((id) => `${id} of run ${revert} still stands in the history`)];
};
