import { SQUAWK } from './squawk-rules.ts';

export type Severity = 'error' | 'warning' | 'info' | 'off';

/** What a rule says: `{}` in `why` and `rewrite` stands for what was found, a table, a column, a role. */
export type Told = { severity: Severity; why: string; rewrite: string };

/**
 * Lockstep's own rules. An error is what is wrong however large a table is, and can be put right; what hurts by the
 * size of a table is a warning. What can't be carried out at all, as a raw `:name` in a statement that is sent by
 * itself, is no matter of rules: it doesn't make a bundle.
 */
export const OWN = {
  'blocking-index': {
    severity: 'warning',
    why: 'builds an index while nobody can write to {}',
    rewrite: 'CREATE INDEX CONCURRENTLY, in a migration of its own',
  },
  'blocking-drop-index': {
    severity: 'warning',
    why: 'drops {} under a lock that stops reads and writes of its table',
    rewrite: 'DROP INDEX CONCURRENTLY {}, in a migration of its own',
  },
  'blocking-reindex': {
    severity: 'warning',
    why: 'rebuilds {} while nobody can write to the table',
    rewrite: 'REINDEX … CONCURRENTLY, in a migration of its own',
  },
  'blocking-constraint': {
    severity: 'warning',
    why: 'checks every row of {} while nobody can write to it',
    rewrite: 'ADD CONSTRAINT … NOT VALID here, and VALIDATE CONSTRAINT in a later migration',
  },
  'blocking-unique': {
    severity: 'warning',
    why: 'builds an index while nobody can read or write {}',
    rewrite:
      'CREATE UNIQUE INDEX CONCURRENTLY name ON {} (…) in a migration of its own, then ALTER TABLE {} ADD CONSTRAINT name UNIQUE USING INDEX name (or PRIMARY KEY USING INDEX)',
  },
  'validate-at-once': {
    severity: 'warning',
    why: 'validates {} in the transaction that adds it, so that its lock is held while every row is checked',
    rewrite: 'move VALIDATE CONSTRAINT {} to a later migration',
  },
  'scanning-not-null': {
    severity: 'warning',
    why: 'looks for NULL in every row of {} while nobody can read or write the table',
    rewrite:
      'ADD CONSTRAINT name CHECK (… IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT name in a later migration, and then SET NOT NULL, which needs no scan; drop the check',
  },
  'table-rewrite': {
    severity: 'warning',
    why: 'rewrites {} while nobody can read or write it',
    rewrite:
      'add the column without a value, SET DEFAULT for new rows, fill old rows in batches; move storage and settings of a large table by a copy that is swapped in',
  },
  'type-change': {
    severity: 'warning',
    why: 'changes the type of {}: unless PostgreSQL can keep the bytes, the table is rewritten while nobody can use it, and code that knows the old type breaks',
    rewrite: 'add a column of the new type, write both, fill old rows in batches, read the new one, drop the old one',
  },
  'required-column': {
    severity: 'error',
    why: 'fails wherever the table has a row: {} may not be NULL and has no default',
    rewrite: 'give {} a constant DEFAULT, or add it without NOT NULL, fill it, and require it in a later migration',
  },
  'blocking-refresh': {
    severity: 'warning',
    why: 'refreshes {} while nobody can read it',
    rewrite: 'REFRESH MATERIALIZED VIEW CONCURRENTLY {}, which needs a unique index on it',
  },
  'blocking-detach': {
    severity: 'warning',
    why: 'detaches a partition of {} under a lock that stops reads and writes',
    rewrite: 'ALTER TABLE {} DETACH PARTITION … CONCURRENTLY, in a migration of its own',
  },
  'explicit-lock': {
    severity: 'warning',
    why: 'locks {} until the migration has ended',
    rewrite: 'leave it out: each statement takes the lock that it needs, no longer than it needs it',
  },
  'many-locks': {
    severity: 'warning',
    why: 'is the third table, with {}, that one transaction locks: all are held until it ends, and who takes them in another order deadlocks',
    rewrite: 'a migration for each table, or -- lockstep: stepwise at the head of the file',
  },
  'unbounded-backfill': {
    severity: 'warning',
    why: 'changes the rows of {} in one transaction, all that there are: they stay locked and bloat it until it ends',
    rewrite:
      'batches by ranges of the key, each a statement of its own (WHERE id BETWEEN … AND …), with -- lockstep: stepwise at the head of the file',
  },
  'backfill-under-lock': {
    severity: 'warning',
    why: 'changes many rows in the transaction that has locked {}, so that nobody can use it meanwhile',
    rewrite: 'a migration of its own for the rows, behind this one',
  },
  'drop-column': {
    severity: 'warning',
    why: 'drops {} with its data: code that still runs, of the release before, breaks where it names it',
    rewrite: 'release code that does not name {} first, then drop it, and say so: -- lockstep allow drop-column: …',
  },
  'drop-table': {
    severity: 'warning',
    why: 'drops {} with its data: code that still runs, of the release before, breaks where it names it',
    rewrite: 'release code that does not name {} first, then drop it, and say so: -- lockstep allow drop-table: …',
  },
  rename: {
    severity: 'warning',
    why: 'renames {}: code breaks that runs before, or after, since not all of it changes in the same moment',
    rewrite:
      'add the new column beside the old one and keep both alike until no code names the old one; for a table, a view by the old name',
  },
  'drop-cascade': {
    severity: 'error',
    why: 'drops all that depends on {}, which is not said here and may differ from database to database',
    rewrite: 'leave out CASCADE, and drop by name, before it, what depends on it',
  },
  truncate: {
    severity: 'warning',
    why: 'empties {}',
    rewrite: 'keep the rows, or say why they can go: -- lockstep allow truncate: …',
  },
  'truncate-cascade': {
    severity: 'error',
    why: 'empties {} and every table that refers to it, whichever these are in each database',
    rewrite: 'leave out CASCADE, and name each table that is to be emptied',
  },
  'grant-to-public': {
    severity: 'error',
    why: 'grants to PUBLIC: to every role that there is or will be, in every database of the fleet',
    rewrite: 'GRANT … TO a role by name',
  },
  'secret-in-file': {
    severity: 'error',
    why: 'holds a secret ({}), which stays in the repository, in bundles, and on the pages where people approve',
    rewrite: 'leave it out here; set it from AWS Secrets Manager, or log in with IAM (GRANT rds_iam TO …)',
  },
  'unsafe-definer': {
    severity: 'warning',
    why: '{} runs with the rights of its owner, but finds names by the search_path of whoever calls it',
    rewrite: 'add SET search_path = pg_catalog, … to it, with pg_temp at the end',
  },
  'mighty-role': {
    severity: 'warning',
    why: 'gives {} rights that reach beyond this database',
    rewrite: 'grant what is needed on the objects that need it',
  },
  'row-security-off': {
    severity: 'warning',
    why: 'switches row level security of {} off: whoever may read the table reads the rows of all',
    rewrite: 'keep it on, and write a policy for who has to see more',
  },
  'trigger-off': {
    severity: 'warning',
    why: 'switches triggers of {} off, also for what others write meanwhile',
    rewrite: 'leave them on, and have the trigger let pass what the migration does',
  },
  'cluster-wide-object': {
    severity: 'warning',
    why: '{} belongs to the whole cluster: in its second database this fails, for it is there already',
    rewrite: 'make it where the cluster is made, or only where it is missing: DO $$ BEGIN IF NOT EXISTS … END $$',
  },
  'names-a-database': {
    severity: 'warning',
    why: 'names the database {}, but runs in every database of the fleet',
    rewrite: "DO $$ BEGIN EXECUTE format('… DATABASE %I …', current_database()); END $$",
  },
  'lasting-setting': {
    severity: 'info',
    why: 'sets {} for every later session, in all databases of the cluster',
    rewrite: 'for this migration alone: SET LOCAL, or the directives lock-timeout and statement-timeout',
  },
  'if-not-exists': {
    severity: 'info',
    why: 'takes whatever is called {} for what is meant here, whatever it looks like: databases drift apart unseen',
    rewrite: 'leave out IF NOT EXISTS: Lockstep knows what it has applied, and applies nothing twice',
  },
  'unpinned-extension': {
    severity: 'info',
    why: 'installs {} in whichever version the server has: a database made later gets another one',
    rewrite: "CREATE EXTENSION {} VERSION '…'",
  },
  'leaking-set': {
    severity: 'error',
    why: 'sets {} for the session, which the Data API keeps and gives to whoever comes next',
    rewrite: 'SET LOCAL, or set_config(…, …, true)',
  },
  'unrepeatable-step': {
    severity: 'warning',
    why: 'is sent by itself, and nothing shows afterwards whether it took effect: should its call be lost, a person has to look',
    rewrite:
      'keep it alone in its migration; in place of a body that commits, a statement for each batch, with -- lockstep: stepwise at the head of the file',
  },
  'concurrently-if-not-exists': {
    severity: 'warning',
    why: 'takes an invalid index {}, which an earlier try may have left, for a good one',
    rewrite: 'leave out IF NOT EXISTS: Lockstep drops what a lost try left, and builds it again',
  },
  'missing-down': {
    severity: 'off',
    why: 'has no way back: a run with it can’t be reverted',
    rewrite: 'add a .down.sql file that takes it back',
  },
  'unused-exception': {
    severity: 'warning',
    why: 'excepts {}, which nothing here asks for',
    rewrite: 'take it out',
  },
} as const satisfies Record<string, Told>;

export type OwnRule = keyof typeof OWN;

/** Rules that no statement breaks. */
export type JudgedRule = 'missing-down' | 'unused-exception';

/** What is known of a rule by its name, Lockstep's own or squawk's; undefined where there is none of that name. */
export const ruleNamed = (name: string): Told | undefined =>
  Object.hasOwn(OWN, name) ? OWN[name as OwnRule] : squawkRule(name);

const squawkRule = (name: string): Told | undefined => {
  const rule = Object.hasOwn(SQUAWK, name) ? SQUAWK[name] : undefined;
  return rule && 'severity' in rule ? rule : undefined;
};

/** The names of all rules that can be set. */
export const ruleNames = (): string[] =>
  [...Object.keys(OWN), ...Object.keys(SQUAWK)].filter((name) => ruleNamed(name) !== undefined);

/** What a finding says, with what was found put in. */
export const saidOf = ({ rule, of = '' }: { rule: string; of?: string }): Pick<Told, 'why' | 'rewrite'> => {
  const { why, rewrite } = ruleNamed(rule) ?? { why: 'is not what a rule asks for', rewrite: '' };
  return { why: why.replaceAll('{}', of), rewrite: rewrite.replaceAll('{}', of) };
};
