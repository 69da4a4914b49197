import { hostname } from 'node:os';
import { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { caller } from '../../lib/cli/caller.ts';
import { virtualClock } from '../../lib/local/clock.ts';
import { faultsOf, withFaults } from '../../lib/local/faults/faults.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { queryService } from '../../lib/local/protocol/query.ts';
import type { Service } from '../../lib/local/service.ts';
import { listening } from '../local/cloud-harness.ts';

const local = queryService('https://sts.amazonaws.com/doc/2011-06-15/', {
  GetCallerIdentity: async (_, { principal }) => ({ UserId: 'AIDA', Account: '123456789012', Arn: principal }),
});

const ask = async (service: Service) =>
  caller(new STSClient({ ...(await listening({ sts: service })), maxAttempts: 1 }));

const faulty = (fault: string) =>
  withFaults(local, 'sts', faultsOf(parseFaults(`sts:GetCallerIdentity:before:${fault}`)), virtualClock());

describe('the caller of a command that overrules history', () => {
  it('is who AWS says; user and machine are a hint', async () => {
    const principal = 'arn:aws:sts::123456789012:assumed-role/dba/ada';
    const told = await ask((request) => local({ ...request, principal }));
    expect(told).toMatch(/^arn:aws:sts::123456789012:assumed-role\/dba\/ada \(.+@.+\)$/);
    expect(told).toContain(`@${hostname()})`);
  });

  it.each(['accessDenied', '503', 'reset', 'throttling'])('is nobody while STS answers with %s', async (fault) => {
    await expect(ask(faulty(fault))).rejects.toMatchObject({
      name: 'CallerUnknown',
      message: expect.stringContaining('Nothing was changed'),
    });
  });

  it('is nobody when the answer names nobody', async () => {
    const nameless: Service = async () => ({
      ...{ status: 200, headers: { 'content-type': 'text/xml' } },
      body: '<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>',
    });
    await expect(ask(nameless)).rejects.toThrow('its answer names nobody');
  });
});
