import { beforeAll, expect, it } from 'vitest';
import { factsOf } from '../../lib/fleet/plan-facts.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

it.each([
  ['CREATE TABLE a (); CREATE TABLE b AS SELECT 1; ALTER TABLE c ADD x int', ['a', 'b']],
  ['CREATE TABLE archive AS WITH gone AS (DELETE FROM orders RETURNING *) TABLE gone', []],
])('%s makes %j', (sql, made) => {
  const bundle = { migrations: [{ id: '1', up: compiled(sql).statements, down: null }] } as unknown as Bundle;
  expect([...factsOf({ facts: [], direction: 'up', migrations: [{ id: '1' }] }, bundle).made]).toEqual(made);
});

it('where nothing was measured, what is made only where it is not there yet may be large', () => {
  const made = compiled(
    'CREATE TABLE a (); CREATE TABLE IF NOT EXISTS b (); CREATE TEMP TABLE c AS SELECT 1',
  ).statements;
  const bundle = { migrations: [{ id: '1', up: made, down: null }] } as unknown as Bundle;
  const known = (facts: [] | undefined) => factsOf({ facts, direction: 'up', migrations: [{ id: '1' }] }, bundle);
  expect([...known(undefined).made]).toEqual(['a', 'c']);
  expect([...known([]).made]).toEqual(['a', 'b', 'c']);
});
