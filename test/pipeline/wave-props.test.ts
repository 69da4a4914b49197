import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { Fleet } from '../../lib/pipeline/fleet-props.ts';
import { checkProps, InvalidProps, type MigrationPipelineProps } from '../../lib/pipeline/props.ts';
import { Wave } from '../../lib/pipeline/wave.ts';

const cluster = (name: string, labels: Record<string, string>) => ({
  ...{ cluster: name, secret: `lockstep/${name}`, labels },
  databases: ['app', { name: 'reports', labels: { region: 'eu' } }],
});
const listed = [cluster('ten-1', { tier: 'free' }), cluster('ten-20', { tier: 'paid' })];
const found = Fleet.byTags({
  tags: { service: 'orders' },
  within: { clusters: ['ten-*'], secrets: ['lockstep/*'] },
});

const problemsOf = (waves: Wave[], fleet: MigrationPipelineProps['fleet'] = listed): string[] => {
  try {
    checkProps(new Construct(new Stack(undefined, 'Stack'), 'Migrations'), {
      service: 'orders',
      environment: 'staging',
      fleet,
      waves,
    });
  } catch (error) {
    if (error instanceof InvalidProps) return error.details.problems;
    throw error;
  }
  return [];
};
const rest = Wave.rest();

describe('waves of a listed fleet', () => {
  test('take the clusters that they name, and those with their labels, were it in one database', () => {
    const waves = [Wave.canary(['ten-1']), Wave.where({ tier: 'paid' }), Wave.where({ region: 'eu', tier: 'free' })];
    expect(problemsOf([...waves, rest])).toEqual([]);
  });

  test('are refused with a canary that is no cluster of it', () => {
    expect(problemsOf([Wave.canary(['ten-1', 'ten-2']), Wave.canary(['tne-1']), rest])).toEqual([
      'waves.0: Wave.canary: the fleet has no cluster ten-2; the nearest is ten-1',
      'waves.1: Wave.canary: the fleet has no cluster tne-1; the nearest is ten-1',
    ]);
  });

  test('are refused with labels that no cluster has', () => {
    expect(problemsOf([Wave.where({ tier: 'fre' }), Wave.where({ tier: 'paid', region: 'us' }), rest])).toEqual([
      'waves.0: Wave.where: no cluster of the fleet has tier=fre; the nearest is tier=free',
      'waves.1: Wave.where: no cluster of the fleet has tier=paid region=us; the nearest is tier=paid region=eu',
    ]);
    const plain = [{ cluster: 'ten-1', secret: 'x', databases: ['app'] }];
    expect(problemsOf([Wave.where({ tier: 'free' }), rest], plain)).toEqual([
      'waves.0: Wave.where: no cluster of the fleet has tier=free; none has any label',
    ]);
  });
});

test.each([
  ['listed', listed],
  ['found', found],
])('waves of a fleet that is %s are refused without a label, of what is no cluster, and after the rest', (_, fleet) => {
  const waves = [Wave.where({}), Wave.canary(['Ten-1']), rest, Wave.percent(50), rest];
  expect(problemsOf(waves, fleet)).toEqual([
    'waves.0: Wave.where({}) names no label, and so takes all; that is Wave.rest()',
    expect.stringMatching(/^waves\.1: Wave\.canary: a cluster identifier is 1 to 63 of .*, not "Ten-1"$/),
    'waves.3: nothing is left after Wave.rest()',
    'waves.4: nothing is left after Wave.rest()',
  ]);
});

test('what a fleet will hold that is found, nobody knows yet', () => {
  expect(problemsOf([Wave.canary(['ten-99']), Wave.where({ tier: 'new' }), rest], found)).toEqual([]);
});
