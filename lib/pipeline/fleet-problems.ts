import * as z from 'zod';
import { FleetSource } from '../fleet/discovery/source.ts';
import { tenantsTwice } from '../fleet/discovery/tenants.ts';
import { DatabaseName, FleetDeclaration, nameOfDeclared } from '../fleet/fleet.ts';
import { Labels } from '../fleet/labels.ts';
import { SecretName } from '../fleet/secret-name.ts';
import { type Fleet, sourceOf } from './fleet-props.ts';

/** Everything that is wrong with a fleet as it is declared. */
export const fleetProblems = (fleet: Fleet): string[] => {
  const source = sourceOf(fleet);
  return Array.isArray(source) ? listProblems(source) : problemsIn(FleetSource.def.options[1], source, 'fleet');
};

const listProblems = (list: FleetDeclaration): string[] => [
  ...problemsIn(
    List,
    list.map((it) => ({ ...it, databases: it.databases.map(nameOfDeclared) })),
    'fleet',
  ),
  ...list.flatMap(({ databases }, at) =>
    databases.flatMap((it, index) =>
      typeof it === 'string' ? [] : problemsIn(Labels, it.labels, `fleet.${at}.databases.${index}.labels`),
    ),
  ),
  ...twice(list.map(({ cluster }) => cluster)).map((it) => `fleet: the cluster ${it} stands there twice`),
  ...list.flatMap(({ cluster, databases }) =>
    twice(databases.map(nameOfDeclared)).map((it) => `fleet: the database ${it} stands twice in ${cluster}`),
  ),
  ...tenantsTwice(
    list.map(({ cluster, labels = {}, databases }) => ({
      ...{ cluster, labels },
      databaseLabels: Object.fromEntries(
        databases.map((it) => [nameOfDeclared(it), typeof it === 'string' ? {} : it.labels]),
      ),
    })),
  ).map((it) => `fleet: ${it}`),
];

/** By name, and with the labels apart: a union of both would not say what is wrong. */
const List = z
  .array(FleetDeclaration.element.extend({ secret: SecretName, databases: z.array(DatabaseName).min(1) }))
  .min(1, 'the fleet has no cluster');

const problemsIn = (schema: z.ZodType, value: unknown, at: string): string[] =>
  schema.safeParse(value, { reportInput: true }).error?.issues.map((issue) => {
    const { path, message, input } = issue;
    const found = typeof input === 'string' || typeof input === 'number' ? `, not ${JSON.stringify(input)}` : '';
    // What is wrong with a key of a record stands in issues of its own.
    const why = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? message) : message;
    return `${[at, ...path].join('.')}: ${why}${found}`;
  }) ?? [];

const twice = (names: string[]): string[] => [...new Set(names.filter((it, at) => names.indexOf(it) !== at))];
