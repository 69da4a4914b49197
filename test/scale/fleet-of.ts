import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetDeclaration } from '../../lib/fleet/fleet.ts';

/** A fleet of so many clusters with so many databases each; all of them log in with one secret. */
export const fleetOf = (clusters: number, databases: number): FleetDeclaration =>
  Array.from({ length: clusters }, (_, cluster) => ({
    cluster: `fleet-${numbered(cluster)}`,
    secret: 'lockstep/fleet',
    databases: Array.from({ length: databases }, (_, at) => `tenant_${numbered(cluster * databases + at)}`),
  }));

const numbered = (index: number) => String(index + 1).padStart(5, '0');

/**
 * Lets the roles of a synthesized template reach every cluster of the fleet, not only the one that the app names: the
 * policies of a role hold some 200 clusters by name, and any number by a pattern.
 */
export const reachAll = (assembly: string): void => {
  for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json'))) {
    const path = join(assembly, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(':cluster:fleet-00001', ':cluster:fleet-*'));
  }
};
