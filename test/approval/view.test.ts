import { describe, expect, it } from 'vitest';
import { publicView } from '../../lib/approval/view.ts';
import { asked, at } from './request.ts';

describe('a request as it may be told outside', () => {
  const request = asked({ slack: { channel: 'C0001', ts: '1.2', blocks: [] } });
  const text = JSON.stringify(publicView(request, at('09:30:00')));

  it.each([
    ['task token', request.taskToken],
    ['form key', request.formKey],
    ['address of those who approve', 'ada@example.com'],
    ['secret of the Slack app', 'lockstep/slack'],
    ['Slack message', 'C0001'],
  ])('has no %s', (_, secret) => {
    expect(JSON.stringify(request)).toContain(secret);
    expect(text).not.toContain(secret);
  });

  it('says how it stands, for programs and for people', () => {
    expect(publicView(request, at('09:30:00'))).toMatchObject({
      ...{ run: 'run-1', quorum: 1, state: 'waiting', sentence: 'waiting for a decision' },
    });
    const expired = asked({ outcome: { decision: 'expired', at: '2026-01-05T10:00:00.000Z' } });
    expect(publicView(expired, at('10:30:00'))).toMatchObject({
      state: 'expired',
      sentence: 'expired: nobody decided in time',
    });
  });

  it('has expired when its time is over, though nobody has closed it', () => {
    expect(publicView(request, at('09:59:59'))).toMatchObject({ state: 'waiting', outcome: null });
    expect(publicView(request, at('10:00:00'))).toMatchObject({ state: 'expired', outcome: { decision: 'expired' } });
  });
});
