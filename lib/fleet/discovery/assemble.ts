import type * as z from 'zod';
import { ClusterIdentifier, DatabaseName } from '../fleet.ts';
import { Labels } from '../labels.ts';
import { SecretName } from '../secret-name.ts';
import { shown } from './shown.ts';
import { tenantsTwice } from './tenants.ts';

/** What a source says of a cluster or of some of its databases, as it stands there: nothing of it is checked yet. */
export type Claim = {
  /** Where it was said, for people. */
  from: string;
  cluster: unknown;
  /** Null or undefined: the one that RDS manages. */
  secret?: unknown;
  /** Of the cluster. */
  labels?: unknown;
  /** `all`: the cluster is to be asked. */
  databases: { name: unknown; labels?: unknown }[] | 'all';
};

/** A cluster as its source has it. Names and labels are sound. */
export type Claimed = {
  cluster: string;
  secret: string | null;
  labels: Labels;
  databases: string[] | 'all';
  databaseLabels: Record<string, Labels>;
};

export type Assembled = {
  clusters: Claimed[];
  /** What is wrong with the source itself, and where: a fleet of which that is true is not worked on. */
  problems: string[];
};

/**
 * Brings together what a source says, by cluster, in the order of names. What is no sound name or label is a problem
 * that is told with where it came from, and goes no further.
 */
export const assemble = (claims: Claim[]): Assembled => {
  const problems: string[] = [];
  const clusters = new Map<string, Claimed & { seen: Map<string, string> }>();
  for (const claim of claims) {
    const sound = checked(claim, problems);
    if (sound === null) continue;
    const { cluster, secret, labels } = sound;
    const known = clusters.get(cluster) ?? {
      ...{ cluster, secret, labels: {}, databases: [], databaseLabels: {}, seen: new Map<string, string>() },
    };
    clusters.set(cluster, known);
    if (known.secret !== secret) {
      problems.push(
        `${claim.from}: ${cluster} has the secret ${secret ?? 'that RDS manages'} there, and ${known.secret ?? 'the one that RDS manages'} elsewhere. Give it one.`,
      );
    }
    Object.assign(known.labels, labels);
    if (sound.databases === 'all') known.databases = 'all';
    else addDatabases(known, sound.databases, claim.from, problems);
  }
  const found = [...clusters.values()]
    .map(({ seen: _, ...it }) => it)
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  return { clusters: found, problems: [...problems, ...tenantsTwice(found)] };
};

type Sound = Omit<Claimed, 'databases' | 'databaseLabels'> & {
  databases: { name: string; labels: Labels }[] | 'all';
};

const checked = (claim: Claim, problems: string[]): Sound | null => {
  const at = (of: string) => `${claim.from}${of}`;
  const take = <T>(schema: z.ZodType<T>, value: unknown, where: string): T | null => {
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    problems.push(`${where}: ${shown(value)} can't be taken: ${why(error)}.`);
    return null;
  };
  const cluster = take(ClusterIdentifier, claim.cluster, at(', cluster'));
  const secret = claim.secret == null ? undefined : take(SecretName, claim.secret, at(', secret'));
  const labels = take(Labels, claim.labels ?? {}, at(', labels'));
  const databases =
    claim.databases === 'all'
      ? ('all' as const)
      : claim.databases.map(({ name, labels }) => ({
          name: take(DatabaseName, name, at(', database')),
          labels: take(Labels, labels ?? {}, at(', labels')),
        }));
  if (cluster === null || secret === null || labels === null) return null;
  if (databases === 'all') return { cluster, secret: secret ?? null, labels, databases };
  if (databases.length === 0)
    problems.push(`${claim.from}: ${cluster} has no databases there. Name them, or take it out.`);
  const sound = databases.filter(
    (it): it is { name: string; labels: Labels } => it.name !== null && it.labels !== null,
  );
  return { cluster, secret: secret ?? null, labels, databases: sound };
};

const why = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return (issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message) ?? 'it makes no sense';
};

const addDatabases = (
  it: Claimed & { seen: Map<string, string> },
  databases: { name: string; labels: Labels }[],
  from: string,
  problems: string[],
): void => {
  for (const { name, labels } of databases) {
    const before = it.seen.get(name);
    if (before !== undefined) {
      problems.push(`${from}: the database ${it.cluster}/${name} stands there, and before in ${before}. Take one out.`);
      continue;
    }
    it.seen.set(name, from);
    if (it.databases !== 'all') it.databases.push(name);
    if (Object.keys(labels).length > 0) it.databaseLabels[name] = labels;
  }
};
