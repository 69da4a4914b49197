import { describe, expect, it } from 'vitest';
import { publicView } from '../../lib/approval/view.ts';
import { asked } from './request.ts';

describe('a request as it may be told outside', () => {
  const request = asked({ slack: { channel: 'C0001', ts: '1.2', blocks: [] } });
  const text = JSON.stringify(publicView(request));

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
    expect(publicView(request)).toMatchObject({
      ...{ run: 'run-1', quorum: 1, state: 'waiting', sentence: 'waiting for a decision' },
    });
    const expired = asked({ outcome: { decision: 'expired', at: '2026-01-05T10:00:00.000Z' } });
    expect(publicView(expired)).toMatchObject({ state: 'expired', sentence: 'expired: nobody decided in time' });
  });
});
