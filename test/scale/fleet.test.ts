import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble, type FleetRun, runFleet } from './run-fleet.ts';

/** Both come to the same four waves. */
const LESS = 40;
const MORE = 100;

describe('a run over a fleet', () => {
  let folder: string;
  let few: FleetRun;
  let many: FleetRun;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
    const assembly = await assemble(join(folder, 'cdk.out'), { tell: () => {} });
    const run = (clusters: number) => runFleet({ clusters, databases: 1, assembly, tell: () => {} });
    few = await run(LESS);
    many = await run(MORE);
  }, 300_000);
  afterAll(async () => {
    await few?.close();
    await many?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('costs four Data API calls a database: to look, to install, to apply, and to look again', () => {
    // And four in all: the tables that are touched are measured in three databases, the new schema is read in one.
    expect(few.dataApiCalls).toBe(4 * LESS + 4);
    expect(many.dataApiCalls).toBe(4 * MORE + 4);
  });

  test('has as many events whatever the fleet', () => {
    expect(many.parent.events).toBe(few.parent.events);
    expect(many.parent.events).toBeLessThan(200);
    expect(many.child.events).toBe(few.child.events);
    expect(many.child.events).toBeLessThan(200);
  });

  test('passes no state more, the larger the fleet', () => {
    expect(Math.abs(many.parent.longest - few.parent.longest)).toBeLessThan(100);
    expect(many.child.longest).toBeLessThan(10_000);
  });

  test('takes at most twelve state transitions a cluster', () => {
    expect((many.transitions - few.transitions) / (MORE - LESS)).toBeLessThanOrEqual(12);
  });
});
