import { type FleetDeclaration, nameOfDeclared } from '../fleet.ts';
import type { Claimed } from './assemble.ts';

/** A list was checked when it was deployed, and stays in its order. */
export const fromList = (list: FleetDeclaration): Claimed[] =>
  list.map(({ cluster, secret, databases, labels = {} }) => ({
    ...{ cluster, secret, labels },
    databases: databases.map(nameOfDeclared),
    databaseLabels: Object.fromEntries(
      databases.flatMap((it) => (typeof it === 'string' ? [] : [[it.name, it.labels] as const])),
    ),
  }));
