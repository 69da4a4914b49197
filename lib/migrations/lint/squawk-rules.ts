import type { Told } from './rules.ts';

const OURS = 'a rule of Lockstep’s own says it, which the pipeline can find again';

/**
 * Every rule of squawk 2.66: what it says here, or why it says nothing. What it finds is written down by whoever builds
 * a bundle, and no pipeline can find it again; so none of it is an error unless a team makes it one.
 */
export const SQUAWK: Record<string, Told | { off: string; see?: string }> = {
  'ban-alter-domain-with-add-constraint': {
    severity: 'warning',
    why: 'checks every column of the domain, in all tables, while nobody can write to them',
    rewrite: 'ADD CONSTRAINT … NOT VALID here, and ALTER DOMAIN … VALIDATE CONSTRAINT in a later migration',
  },
  'ban-create-domain-with-constraint': {
    severity: 'info',
    why: 'makes a domain with a constraint: changing that later checks all tables that use it',
    rewrite: 'a column of the plain type with a CHECK of its own',
  },
  'ban-char-field': {
    severity: 'info',
    why: 'char(n) pads with blanks, and saves nothing over text',
    rewrite: 'text, with a CHECK on its length where that matters',
  },
  'ban-drop-not-null': {
    severity: 'info',
    why: 'lets NULL in: code that has never met one reads it',
    rewrite: 'release code that knows NULL first',
  },
  'identifier-too-long': {
    severity: 'warning',
    why: 'has a name of more than 63 bytes, of which PostgreSQL drops the rest without a word',
    rewrite: 'a shorter name',
  },
  'prefer-bigint-over-int': {
    severity: 'info',
    why: 'integer ends at 2,147,483,647',
    rewrite: 'bigint, unless what it counts is surely few',
  },
  'prefer-identity': {
    severity: 'info',
    why: 'serial makes a sequence that is granted and dropped separately',
    rewrite: 'bigint GENERATED ALWAYS AS IDENTITY',
  },
  'prefer-text-field': {
    severity: 'info',
    why: 'varchar(n) can’t be made shorter without a scan under a lock',
    rewrite: 'text, with a CHECK on its length',
  },
  'prefer-timestamp-tz': {
    severity: 'info',
    why: 'timestamp forgets the zone that it was given in',
    rewrite: 'timestamptz',
  },

  'adding-field-with-default': { see: 'table-rewrite', off: OURS },
  'adding-foreign-key-constraint': { see: 'blocking-constraint', off: OURS },
  'adding-not-nullable-field': { see: 'scanning-not-null', off: OURS },
  'adding-required-field': { see: 'required-column', off: OURS },
  'adding-serial-primary-key-field': { see: 'blocking-unique', off: OURS },
  'ban-drop-column': { see: 'drop-column', off: OURS },
  'ban-drop-database': { see: 'names-a-database', off: OURS },
  'ban-drop-table': { see: 'drop-table', off: OURS },
  'ban-truncate-cascade': { see: 'truncate-cascade', off: OURS },
  'changing-column-type': { see: 'type-change', off: OURS },
  'constraint-missing-not-valid': { see: 'blocking-constraint', off: OURS },
  'disallowed-unique-constraint': { see: 'blocking-unique', off: OURS },
  'renaming-column': { see: 'rename', off: OURS },
  'renaming-table': { see: 'rename', off: OURS },
  'require-concurrent-index-creation': { see: 'blocking-index', off: OURS },
  'require-concurrent-index-deletion': { see: 'blocking-drop-index', off: OURS },
  'require-concurrent-partition-detach': { see: 'blocking-detach', off: OURS },
  'require-concurrent-reindex': { see: 'blocking-reindex', off: OURS },

  'ban-concurrent-index-creation-in-transaction': { off: 'Lockstep sends such a statement by itself' },
  'ban-uncommitted-transaction': { off: 'a BEGIN without COMMIT makes no bundle' },
  'prefer-bigint-over-smallint': { off: 'smallint is chosen on purpose' },
  'prefer-repack': { off: 'REPACK is of PostgreSQL 19, which Aurora does not have; table-rewrite says the rest' },
  'prefer-robust-stmts': {
    see: 'if-not-exists',
    off: 'a migration that fails leaves no trace, and nothing is applied twice; IF NOT EXISTS hides drift',
  },
  'require-enum-value-ordering': { off: 'most enums have no order' },
  'require-lock-timeout': { off: 'Lockstep sets one for every statement' },
  'require-statement-timeout': { off: 'Lockstep sets one for every statement' },
  'require-table-schema': { off: 'most services have one schema' },
  'require-timeout-settings': { off: 'Lockstep sets both for every statement' },
  'syntax-error': { off: 'PostgreSQL’s own parser has read the file' },
  'transaction-nesting': { off: 'Lockstep takes a file’s own BEGIN and COMMIT off' },
  'unused-ignore': { off: 'exceptions are Lockstep’s, with a reason' },
};
