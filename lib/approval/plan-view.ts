import { factsOf } from '../fleet/plan-facts.ts';
import { CAVEATS, pointSentence, stepsOf } from '../fleet/restore/steps.ts';
import { saidOf } from '../migrations/lint/rules.ts';
import { riskOf } from '../policy/risk.ts';
import { sqlOf } from './page/share-of-page.ts';
import { summarize, summarizeRestore } from './summary.ts';
import type { MigrationAsked, RestoreAsked, WhatIsAsked } from './what-is-asked.ts';

/** Characters of SQL in an answer: a Lambda function's may have 6 MB, and each character may become six bytes there. */
const MOST_CHARACTERS = 500_000;

const MOST_OF_WORST = 2_000;

/** The bundle has more, and all of each. */
const MOST_CHECKS = 50;

/** Of one migration. */
const MOST_FINDINGS = 50;

/** What is asked, for whoever reads it elsewhere than on the page: in short, and every statement, or step, of it. */
export const planView = (asked: WhatIsAsked): PlanView => ('restore' in asked ? ofRestore(asked) : ofMigrations(asked));

/** Clusters that are named: the page shows more of each. */
const MOST_CLUSTERS = 100;

const ofRestore = ({ restore }: RestoreAsked): PlanView => ({
  ...summarizeRestore(restore),
  previous: null,
  migrations: [],
  checks: [],
  steps: [...stepsOf(restore), ...CAVEATS],
  clusters: restore.clusters
    .slice(0, MOST_CLUSTERS)
    .map(({ cluster, point, restored }) => ({ cluster, from: pointSentence(point), restored })),
});

const ofMigrations = ({ plan, bundle, previous, drift }: MigrationAsked) => {
  let room = MOST_CHARACTERS;
  const facts = factsOf(plan, bundle);
  const migrations = plan.migrations.map(({ id, file, risk, reason, mode, databases, findings = [] }) => {
    const { losesRows, ...own } = sqlOf(plan, bundle, id);
    const statements = own.statements.map((statement) => {
      room -= statement.sql.length;
      const sql = room < 0 ? null : statement.sql;
      return { line: statement.line, sql, ...riskOf([statement], facts) };
    });
    const lint = findings.slice(0, MOST_FINDINGS).map((it) => ({ ...it, ...saidOf(it) }));
    return { id, file, risk, reason, mode, databases, losesRows, findings: lint, statements };
  });
  const { worst, ...summary } = summarize(plan, bundle, drift);
  const gravest = worst && { ...worst, sql: worst.sql.slice(0, MOST_OF_WORST).toWellFormed() };
  return { ...summary, worst: gravest, previous, migrations, checks: checksOf(plan, bundle) };
};

/** Queries that must find no rows; a revert runs none. */
const checksOf = ({ direction }: MigrationAsked['plan'], { verify = [] }: MigrationAsked['bundle']) =>
  (direction === 'up' ? verify : [])
    .slice(0, MOST_CHECKS)
    .map(({ file, when, sql }) => ({ file, when, sql: sql.slice(0, MOST_OF_WORST).toWellFormed() }));

/** A statement's `sql` is null where an answer holds no more; the bundle has it. */
export type PlanView = ReturnType<typeof ofMigrations> & {
  /** Of a restore, which runs no statements: what is done with each cluster, and with which. */
  steps?: string[];
  clusters?: { cluster: string; from: string; restored: string }[];
};
