import { type App, Duration, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { MigrationPipeline } from '../../lib/pipeline/migration-pipeline.ts';
import type { PromotionPath, UpstreamEnvironment } from '../../lib/pipeline/promotion-props.ts';
import { emptyApp } from './template.ts';

const [account, region] = ['111111111111', 'eu-west-1'];
const described = (environment: string): UpstreamEnvironment => ({ environment, account, region, bucket: environment });

/** Pipelines of one app, one after another. */
const inOneApp = async () => {
  const app: App = await emptyApp();
  let stacks = 0;
  return (environment: string, promotion?: PromotionPath[], it: { service?: string; region?: string } = {}) => {
    stacks += 1;
    const stack = new Stack(app, `${environment}${stacks}`, { env: { account, region: it.region ?? region } });
    return new MigrationPipeline(stack, 'Migrations', {
      ...{ service: it.service ?? 'shop', environment },
      ...(promotion ? { promotion } : {}),
      fleet: [{ cluster: 'one', secret: 'one', databases: ['shop'] }],
    });
  };
};

describe('beside the others of its app, a pipeline is refused', () => {
  test('after one of another service', async () => {
    const pipeline = await inOneApp();
    const billing = pipeline('staging', undefined, { service: 'billing' });
    expect(() => pipeline('production', [{ after: [billing] }])).toThrow(
      'promotion.regular.after: staging1/Migrations is of the service billing, not of shop',
    );
  });

  test('twice in one place, and not in two', async () => {
    const pipeline = await inOneApp();
    pipeline('production');
    pipeline('production', undefined, { service: 'billing' });
    pipeline('production', undefined, { region: 'us-east-1' });
    expect(() => pipeline('production')).toThrow(
      'environment: production1/Migrations is the pipeline of shop in production already',
    );
  });

  test('twice where nobody knows the place yet', async () => {
    const app = await emptyApp();
    const made = (id: string) =>
      new MigrationPipeline(new Stack(app, id), 'Migrations', {
        ...{ service: 'shop', environment: 'test', fleet: [{ cluster: 'one', secret: 'one', databases: ['shop'] }] },
      });
    made('First');
    expect(() => made('Second')).toThrow('First/Migrations is the pipeline of shop in test already');
  });

  test('in a circle', async () => {
    const pipeline = await inOneApp();
    const dev = pipeline('dev', [{ after: [described('staging')] }]);
    const test = pipeline('test', [{ after: [dev], soak: Duration.hours(1) }]);
    expect(() => pipeline('staging', [{ name: 'back', after: [test] }])).toThrow(
      'promotion: a circle: by the path back, staging comes after test, which can be reached by way of staging only',
    );
  });

  test('in a circle that one can come into, but not by that path', async () => {
    const pipeline = await inOneApp();
    const dev = pipeline('dev');
    const staging = pipeline('staging', [{ after: [dev] }, { name: 'back', after: [described('production')] }]);
    expect(() => pipeline('production', [{ after: [staging] }])).toThrow(
      'promotion: a circle: by the path back, staging comes after production, which',
    );
  });
});

test('what was mended in a hurry may come back to where it would have come from', async () => {
  const pipeline = await inOneApp();
  const dev = pipeline('dev');
  const staging = pipeline('staging', [{ after: [dev] }, { name: 'back', after: [described('production')] }]);
  expect(() => pipeline('production', [{ after: [staging] }, { name: 'hotfix', after: [dev] }])).not.toThrow();
});

test('of an environment that another app declares nothing is known that speaks against it', async () => {
  const pipeline = await inOneApp();
  const test = pipeline('test', [{ after: [described('elsewhere')] }]);
  expect(() => pipeline('staging', [{ after: [test, described('performance')] }])).not.toThrow();
});
