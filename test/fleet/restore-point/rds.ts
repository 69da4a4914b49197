import { RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, vi } from 'vitest';
import type { Order } from '../../../lib/fleet/restore-point/own.ts';

/** RDS that refuses every call which a test has not announced. */
export const api = mockClient(RDSClient);
export const client = new RDSClient({ region: 'eu-west-1' });

beforeEach(() => {
  api.reset();
  api.onAnyCommand().rejects(new Error('this test did not expect that call'));
});

/** What every fault of the SDK is made with. */
export const fault = { $metadata: {}, message: 'as AWS says' };

export const now = new Date('2026-11-21T06:00:00.400Z');

export const days = (many: number) => new Date(now.getTime() + many * 86_400_000);

export const order = (more: Partial<Order> = {}): Order => ({
  ...{ service: 'shop', environment: 'production', cluster: 'orders', clusterArn: 'arn:orders' },
  ...{ execution: 'run-1', run: 'run-1', keepFor: 30 * 86_400, now },
  ...more,
});

/** The tags of a restore point of ours that is kept until so many days from now. */
export const tags = (keptFor: number, more: Record<string, string | null> = {}) =>
  Object.entries({
    'lockstep:service': 'shop',
    'lockstep:environment': 'production',
    'lockstep:cluster': 'orders',
    'lockstep:run': 'run-0',
    'lockstep:keep-until': days(keptFor).toISOString(),
    ...more,
  }).flatMap(([Key, Value]) => (Value === null ? [] : [{ Key, Value }]));

/** A log, and what was warned of. */
export const log = () => ({ warn: vi.fn<(message: string, more: { error: Error }) => void>() });
