import { expect, it } from 'vitest';
import { findingsTold, type LintFindings, PlannedFinding } from '../../lib/fleet/lint-findings.ts';
import { makePlan, PlanRefused } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, inWavesOf } from './samples.ts';

const named = {
  ...{ service: 'shop', environment: 'test', digest: 'd', policy: 'p', fleet: 'f', version: '1' },
  rollout: inWavesOf(1),
};

const finding = (migration: string, more: Partial<LintFindings[number]> = {}): LintFindings[number] => ({
  ...{ migration, file: `${migration}.sql`, rule: 'truncate-cascade', severity: 'error' as const },
  ...{ statement: 0, line: 3, column: 5, of: 'orders' },
  ...more,
});

const planned = (...findings: LintFindings) =>
  makePlan(bundleOf('001', '002'), [cluster('a', database('orders', 1))], { ...named, findings }).plan;

it('an error in what is pending refuses the plan, with its place, its reason and the safe way', () => {
  expect(() => planned(finding('002'))).toThrow(PlanRefused);
  expect(() => planned(finding('002'))).toThrow(
    /002\.sql:3:5 truncate-cascade: empties orders and every table .*\. Safe: leave out CASCADE/,
  );
});

it('an error in what is applied everywhere already refuses nothing', () => {
  expect(planned(finding('001')).migrations).toEqual([expect.not.objectContaining({ findings: expect.anything() })]);
});

it('an error that is excepted refuses nothing, and is part of what is approved', () => {
  const excepted = { by: 'comment' as const, reason: 'agreed' };
  const plan = planned(finding('002', { excepted }));
  const { migration: _, file: __, ...told } = finding('002', { excepted });
  expect(plan.migrations[0]?.findings).toEqual([told]);
  expect(PlannedFinding.array().parse(plan.migrations[0]?.findings)).toEqual([told]);
});

it('a warning makes it another plan', () => {
  const digests = [[], [finding('002', { severity: 'warning' })]].map(
    (findings) =>
      makePlan(bundleOf('001', '002'), [cluster('a', database('orders', 1))], { ...named, findings }).planDigest,
  );
  expect(new Set(digests).size).toBe(2);
});

it('findings are told by number', () => {
  const excepted = { by: 'comment' as const, reason: 'agreed' };
  const warning = finding('1', { severity: 'warning' });
  expect(findingsTold([warning, warning, finding('1', { excepted })])).toBe('2 warnings, 1 excepted');
  expect(findingsTold([warning])).toBe('1 warning');
  expect(findingsTold([])).toBe('');
});
