import * as z from 'zod';
import { Labels } from './labels.ts';

/** A database's name as Lockstep accepts it: what PostgreSQL needs no quotes for, and neither a key, a path nor an ARN minds. */
export const DatabaseName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,62}$/, 'a database name is 1 to 63 of a-z 0-9 _ - and does not begin with a digit or -');

/** RDS's own rule for cluster identifiers: 1 to 63 letters, digits, single hyphens; begins with a letter, ends without hyphen. */
export const ClusterIdentifier = z
  .string()
  .max(63)
  .regex(
    /^[a-z](-?[a-z0-9])*$/,
    'a cluster identifier is 1 to 63 of a-z 0-9 and single hyphens, begins with a letter and does not end with a hyphen',
  );

/** A database of a declared cluster: its name, or that with labels of its own. */
export const DeclaredDatabase = z.union([DatabaseName, z.strictObject({ name: DatabaseName, labels: Labels })]);

export type DeclaredDatabase = z.infer<typeof DeclaredDatabase>;

/** A fleet as an explicit list. Names only: account and region are known where it runs. */
export const FleetDeclaration = z.array(
  z.strictObject({
    cluster: ClusterIdentifier,
    /** Name or complete ARN of the Secrets Manager secret to log in with. */
    secret: z.string().min(1).max(570),
    databases: z.array(DeclaredDatabase).min(1),
    /** Of the cluster, and so of all its databases that don't say otherwise. */
    labels: Labels.optional(),
  }),
);

export type FleetDeclaration = z.infer<typeof FleetDeclaration>;

export const nameOfDeclared = (database: DeclaredDatabase): string =>
  typeof database === 'string' ? database : database.name;

/** A cluster as the steps of a run know it. */
export const Cluster = z.strictObject({
  cluster: ClusterIdentifier,
  clusterArn: z.string(),
  secretArn: z.string(),
  databases: z.array(DatabaseName),
  /** What the declaration says of it, and of some of its databases: tier, region, time zone … */
  labels: Labels.default({}),
  databaseLabels: z.record(DatabaseName, Labels).default({}),
  /** What keeps SQL from being sent there at all. */
  problems: z.array(z.string()).default([]),
});

export type Cluster = z.infer<typeof Cluster>;

/**
 * Where a database stands in a bundle, in few words: a cluster of a thousand databases is one item of a map, and a
 * state of the workflow may be given 256 KiB. What it lacks is `pendingOf`.
 */
export const Place = z.object({
  /** Number of the bundle's migrations up to and including the last one that the database has. */
  applied: z.number(),
  /** Ids of those among them that it lacks: each may come late. */
  late: z.array(z.string()),
});

export type Place = z.infer<typeof Place>;

/** One database of a wave's manifest, with what apply and verify have to know of its state before the run. */
export const PlannedDatabase = z.strictObject({
  database: DatabaseName,
  ...Place.shape,
  installed: z.boolean(),
  /** Invalid indexes and not validated constraints that stood there before the run: not its fault. */
  blemishes: z.array(z.string()),
});

export type PlannedDatabase = z.infer<typeof PlannedDatabase>;

/** One cluster of a wave's manifest: only the databases in which something is pending. */
export const PlannedCluster = z.strictObject({
  cluster: ClusterIdentifier,
  clusterArn: z.string(),
  secretArn: z.string(),
  databases: z.array(PlannedDatabase),
});

export type PlannedCluster = z.infer<typeof PlannedCluster>;

/** What a run was admitted with; every later step gets it. */
export const Run = z.strictObject({
  /** The execution's name. */
  run: z.string(),
  execution: z.string(),
  digest: z.string(),
  /** Fencing token: grows with every lease, so that a database can tell an old owner from a new one. */
  token: z.number(),
  requestedBy: z.string(),
  startedAt: z.string(),
  direction: z.enum(['up', 'down']).default('up'),
  /** Whether the pipeline's rules have decided on it already: nobody is asked. */
  decided: z.boolean().default(false),
  /** Down: the run whose migrations are taken back. */
  revert: z.string().nullable().default(null),
  /** The path by which the bundle came here, and what that asks of approvers; not there where none is declared. */
  path: z
    .strictObject({ name: z.string(), approvals: z.int().nullable(), by: z.array(z.string()).nullable() })
    .optional(),
});

export type Run = z.infer<typeof Run>;
