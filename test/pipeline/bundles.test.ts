import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { type HandlerName, handlerCode, handlers } from '../../lib/pipeline/handlers.ts';
import { temporary } from './temporary.ts';

/** The services whose clients each bundle brings along: those that its step calls. */
const clients: Record<HandlerName, string[]> = {
  admit: ['DynamoDB', 'KMS', 'S3', 'SFN', 'SNS', 'SSM'],
  lint: ['S3'],
  discover: ['DynamoDB', 'RDS', 'RDS Data', 'S3'],
  'inspect-cluster': ['RDS Data', 'S3'],
  measure: ['RDS Data', 'S3'],
  plan: ['DynamoDB', 'KMS', 'RDS', 'S3', 'SNS', 'Secrets Manager'],
  gate: ['CloudWatch', 'DynamoDB', 'SFN', 'SSM'],
  park: ['DynamoDB', 'S3', 'SFN', 'SNS', 'Secrets Manager'],
  'request-approval': ['DynamoDB', 'S3', 'SFN', 'SNS', 'Secrets Manager'],
  'ensure-restore-point': ['DynamoDB', 'RDS'],
  hold: ['DynamoDB', 'S3', 'SFN', 'SNS', 'Secrets Manager'],
  apply: ['DynamoDB', 'RDS Data', 'S3'],
  verify: ['DynamoDB', 'RDS Data', 'S3'],
  'record-failure': ['DynamoDB'],
  converge: ['DynamoDB', 'RDS Data', 'S3'],
  report: ['DynamoDB', 'KMS', 'S3', 'SFN', 'SNS', 'Secrets Manager'],
  'fingerprint-cluster': ['RDS Data'],
  'find-drift': ['DynamoDB', 'RDS Data', 'S3'],
  'tell-drift': ['S3', 'SNS', 'Secrets Manager'],
  'admit-restore': ['DynamoDB', 'S3', 'SFN', 'SNS'],
  'plan-restore': ['DynamoDB', 'RDS', 'S3', 'SNS', 'Secrets Manager'],
  'advance-restore': ['DynamoDB', 'RDS', 'RDS Data', 'SFN'],
  'check-restored': ['DynamoDB'],
  'report-restore': ['DynamoDB', 'KMS', 'S3', 'SNS', 'Secrets Manager'],
  'admit-preview': ['S3'],
  'plan-preview': ['DynamoDB', 'RDS', 'S3'],
  approvals: ['DynamoDB', 'S3', 'SFN', 'Secrets Manager'],
  'slack-interactions': ['DynamoDB', 'Lambda', 'Secrets Manager'],
  'slack-decision': ['DynamoDB', 'SFN', 'Secrets Manager'],
  'close-run': ['DynamoDB', 'KMS', 'S3', 'SFN', 'SNS', 'Secrets Manager'],
  attest: ['DynamoDB', 'KMS', 'S3'],
  promote: ['DynamoDB', 'SFN'],
};

/** The pages bring highlighting and five clients along; Slack waits for three seconds, a cold start included. */
const largest: Partial<Record<HandlerName, number>> = {
  ...{ approvals: 835_000, 'request-approval': 735_000, hold: 735_000, plan: 880_000, 'plan-restore': 800_000 },
  // Three that sign what is said of a bundle, at the end of a run.
  ...{ report: 780_000, 'report-restore': 780_000, 'close-run': 780_000 },
  // Once in a run, before anything else: three clients of what a fleet may be found in.
  discover: 760_000,
  // Likewise: six clients, one of them to ask change calendars.
  admit: 850_000,
  // Nobody waits for a cold start of what a run does anyway: RDS for quotas, DynamoDB for what runs have left.
  'plan-preview': 790_000,
  ...{ 'slack-interactions': 600_000, 'slack-decision': 600_000 },
};

const behindHttp: HandlerName[] = ['approvals', 'slack-interactions', 'attest'];

/** Those that the SDK's own search for credentials has inside. */
const forCredentials = ['SSO', 'SSO OIDC', 'STS', 'Signin'];

/** Texts that survive minifying, and where they come from. */
const strangers = {
  'libpg-query.wasm': 'node_modules/libpg-query/wasm/libpg-query.js',
  jsiiDeprecationWarnings: 'node_modules/aws-cdk-lib/core/lib/app.js',
};

describe.each([...handlers])('the bundle of %s', (name) => {
  const file = join((handlerCode(name) as AssetCode).path, 'index.js');
  const bundle = readFileSync(file, 'utf8');

  test('loads in a bare Node process, needs no environment for it, and refuses what makes no sense', async () => {
    const { type, answer } = await calledBare(file);
    expect(type).toBe('function');
    expect(answer).toBe(behindHttp.includes(name) ? 'status 404' : 'failure InvalidInput');
  });

  test('holds the clients that it needs', () => {
    const found = [...bundle.matchAll(/\bserviceId\?\?"([^"]+)"/g)].map(([, service]) => service!);
    expect([...new Set(found)].filter((it) => !forCredentials.includes(it)).sort()).toEqual(clients[name]);
  });

  test.each(Object.keys(strangers))('holds no %s that it does not need', (marker) => {
    expect(bundle.includes(marker)).toBe(name === 'lint' && marker === 'libpg-query.wasm');
  });

  test('is small enough for a quick cold start', () => {
    expect(statSync(file).size).toBeLessThan(largest[name] ?? 720_000);
  });
});

test.each(Object.entries(strangers))('%s would be found in a bundle', (marker, origin) => {
  expect(readFileSync(origin, 'utf8')).toContain(marker);
});

/** Calls a handler with nothing to work on. Outside of vitest, which has a `require` where Lambda has none. */
const calledBare = async (file: string): Promise<{ type: string; answer: string }> => {
  const script = `
    import { createRequire } from 'node:module';
    const { handler } = createRequire(process.argv[1])(process.argv[1]);
    const event = { version: '2.0', rawPath: '/', headers: {}, requestContext: { http: { method: 'GET' } } };
    const answer = await handler(event, {}).then(
      ({ statusCode }) => 'status ' + statusCode,
      ({ name }) => 'failure ' + name,
    );
    console.log(JSON.stringify({ type: typeof handler, answer }));
  `;
  // Without a package.json the file has to be CommonJS; this Node would otherwise look into it and take either.
  const flags = ['--no-experimental-require-module', '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', script, file], {
    cwd: temporary,
    env: {},
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
};
