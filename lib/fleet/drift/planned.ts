import * as z from 'zod';
import { failure } from '../../failure.ts';
import type { Base } from '../../ledger/base.ts';
import type { Bundle } from '../../migrations/bundle.ts';
import { few } from '../differences-in-words.ts';
import type { InspectedCluster } from '../inspected.ts';
import type { Plan } from '../plan.ts';
import { clip } from '../texts.ts';
import { deviations, type Standing } from './expected.ts';
import { APART, howInWords } from './in-words.ts';
import type { DriftReport } from './report.ts';
import { baseOf, type DriftState } from './state.ts';

/** There is drift in the fleet, and the environment's rules want none before anything is migrated. */
export const DriftFound = failure(
  'DriftFound',
  (it: { environment: string; found: PlannedDrift[] }) =>
    `Nothing was touched: there is drift in ${it.environment}.\n${inSentences(it.found).join('\n')}\nPut it right there, or accept it with a migration: lockstep drift ${it.environment} shows it object by object, and what to do.`,
);

/** Drift that was seen when a plan was made; told beside the plan, since it informs and is no part of what is approved. */
export const PlannedDrift = z.object({
  kind: z.enum(['changed', 'different', 'apart']),
  /** Number of databases, and the first of them. */
  count: z.number(),
  databases: z.array(z.string()),
  found: z.string(),
  /** The last check for drift's words on it, if it has seen that. */
  how: z.string().nullable(),
  /** File of the migration that accepts it, where one that is to be carried out does. */
  acceptedBy: z.string().nullable(),
});

export type PlannedDrift = z.infer<typeof PlannedDrift>;

/** The databases of a plan's fleet, as they are held against each other. */
export const standingIn = (fleet: InspectedCluster[]): Standing[] =>
  fleet.flatMap(({ cluster, databases }) =>
    databases
      .filter(({ level }) => level !== '')
      .map(({ database, fingerprint, level }) => ({ name: `${cluster}/${database}`, fingerprint, level })),
  );

/** What a plan's fleet shows of drift: known from what it took to make the plan, without a call more. */
export const plannedDrift = (
  fleet: InspectedCluster[],
  plan: Pick<Plan, 'databases'>,
  { migrations }: Bundle,
  known: {
    left: Map<string, Base>;
    state: DriftState | null;
    report: DriftReport | null;
    now: string;
    vouched: Set<string>;
  },
): PlannedDrift[] => {
  const pending = new Map(plan.databases.map((it) => [`${it.cluster}/${it.database}`, it.pending]));
  const accepting = migrations.filter(({ directives }) => directives?.acceptsDrift !== undefined);
  const groups = new Map<string, PlannedDrift>();
  const base = baseOf(known.left, known.state);
  const all = deviations(standingIn(fleet), base, known.now, known.vouched).deviations;
  for (const { name, kind, found, expected, rivals } of all) {
    const accepts = accepting.find(
      ({ id, directives }) =>
        // Whichever of those apart is chosen, that all become like it ends it.
        [found, ...rivals].includes(directives?.acceptsDrift ?? '') && pending.get(name)?.includes(id),
    );
    const acceptedBy = accepts?.file ?? null;
    const key = `${kind} ${expected} ${found} ${acceptedBy}`;
    const group = groups.get(key) ?? { kind, count: 0, databases: [], found, how: how(name, found), acceptedBy };
    groups.set(key, group);
    group.count += 1;
    if (group.databases.length < MOST_NAMES) group.databases.push(name);
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count).slice(0, MOST_GROUPS);

  function how(name: string, found: string): string | null {
    const finding = known.report?.findings.find(
      (it) => it.found === found && it.databases.some(({ database }) => database === name),
    );
    return finding ? howInWords(finding) : null;
  }
};

const MOST_GROUPS = 50;
const MOST_NAMES = 20;

/** `1 database (a/x) was changed, though no migration has run: has index i besides` */
export const inSentences = (found: PlannedDrift[]): string[] => [
  ...found.slice(0, MOST_TOLD).map(({ kind, count, databases, how, acceptedBy }) => {
    const one = count === 1;
    const accepted = acceptedBy === null ? '' : `; ${acceptedBy} ${kind === 'apart' ? 'ends' : 'accepts'} that`;
    return `${count} ${one ? 'database' : 'databases'} (${few(databases, count, 3)}) ${WHAT[kind](one)}${how ? `: ${clip(how, 500)}` : ''}${accepted}`;
  }),
  ...(found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more kinds of drift`] : []),
];

const MOST_TOLD = 10;

const WHAT: Record<PlannedDrift['kind'], (one: boolean) => string> = {
  changed: (one) => `${one ? 'was' : 'were'} changed, though no migration has run`,
  different: (one) => `${one ? 'differs' : 'differ'} from others with the same migrations`,
  apart: (one) => `${one ? 'differs' : 'differ'} from ${APART}`,
};
