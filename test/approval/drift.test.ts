import { describe, expect, it } from 'vitest';
import { requestMail, startMail } from '../../lib/approval/mail.ts';
import { driftSection } from '../../lib/approval/page/drift.ts';
import { planView } from '../../lib/approval/plan-view.ts';
import { questionBlocks } from '../../lib/approval/slack/blocks.ts';
import { summarize } from '../../lib/approval/summary.ts';
import type { PlannedDrift } from '../../lib/fleet/drift/planned.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { asked, at } from './request.ts';
import { sampleBundle, sampleFleet } from './sample.ts';

const drift: PlannedDrift[] = [
  {
    ...{ kind: 'changed', count: 2, databases: ['a/x', 'b/y'], found: 'f', acceptedBy: null },
    how: 'has index public.<i> besides',
  },
  { kind: 'different', count: 1, databases: ['c/z'], found: 'g', how: null, acceptedBy: '009_accept.sql' },
];
const SENTENCES = [
  '2 databases (a/x, b/y) were changed, though no migration has run: has index public.<i> besides',
  '1 database (c/z) differs from others with the same migrations; 009_accept.sql accepts that',
];

const named = { service: 'shop', environment: 'production', digest: 'd'.repeat(64) };
const rules = { rollout: inWavesOf(1), policy: 'p', fleet: 'f', version: '1.0.0' };
const { plan } = makePlan(sampleBundle, sampleFleet, { ...named, ...rules });
const migrations = { plan, bundle: sampleBundle, previous: null, drift };

describe('drift in the fleet is told to who approves', () => {
  const summary = summarize(plan, sampleBundle, drift);
  const told = { summary, previous: null, link: 'https://example.com/l', reminder: false, now: at('09:30:00') };

  it('on the page, with names that are no markup', async () => {
    const html = String(await driftSection(migrations));
    expect(html).toContain(`<li>${SENTENCES[0]!.replace('<i>', '&lt;i&gt;')}.</li>`);
    expect(html).toContain(`<li>${SENTENCES[1]}.</li>`);
  });

  it('in the mail', () => {
    const { Message } = requestMail(asked(), 'Ada', told);
    expect(Message).toContain(`Drift in the fleet:\n    ${SENTENCES[0]}.\n    ${SENTENCES[1]}.\n`);
  });

  it('in Slack', () => {
    expect(JSON.stringify(questionBlocks(asked(), told))).toContain('*Drift in the fleet*\\n2 databases (a/x, b/y)');
  });

  it('to programs', () => {
    expect(planView(migrations)).toMatchObject({ drift: SENTENCES });
  });

  it('and to everybody when a run begins', () => {
    const mail = startMail({ ...named, run: 'run-1', requestedBy: 'anna', what: 'bring it', drift: SENTENCES });
    expect(mail.Message).toContain(`Drift in the fleet:\n    ${SENTENCES[0]}.`);
  });
});

it('nothing is said where there is none', async () => {
  const without = { ...migrations, drift: [] };
  expect(driftSection(without)).toBe('');
  expect(planView(without)).not.toHaveProperty('drift');
  const summary = summarize(plan, sampleBundle, []);
  const mail = requestMail(asked(), 'Ada', {
    summary,
    previous: null,
    link: 'l',
    reminder: false,
    now: at('09:30:00'),
  });
  expect(mail.Message).not.toContain('Drift');
});
