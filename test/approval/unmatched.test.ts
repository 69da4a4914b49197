import { describe, expect, it } from 'vitest';
import { requestMail } from '../../lib/approval/mail.ts';
import { rolloutSection } from '../../lib/approval/page/rollout.ts';
import { questionBlocks } from '../../lib/approval/slack/blocks.ts';
import { summarize } from '../../lib/approval/summary.ts';
import { planMarkdown } from '../../lib/cli/plan-markdown.ts';
import { planText } from '../../lib/cli/plan-view.ts';
import { summary as line } from '../../lib/cli/progress-words.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { WaveDeclaration } from '../../lib/fleet/waves.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { asked, at } from './request.ts';
import { sampleBundle, sampleFleet } from './sample.ts';

const named = { service: 'shop', environment: 'production', digest: 'd'.repeat(64) };
const plainly = { concurrency: 10, failureBudget: 0, bake: 0 };
const planned = (...waves: WaveDeclaration[]) => {
  const rollout = inWavesOf(1, { waves: [...waves, { take: 'rest', ...plainly }] });
  return makePlan(sampleBundle, sampleFleet, { ...named, rollout, policy: 'p', fleet: 'f', version: '1.0.0' });
};
const { plan, planDigest } = planned(
  { take: 'canary', clusters: [sampleFleet[0]!.cluster, 'ten-zz'], ...plainly },
  { take: 'where', labels: { tier: 'nope' }, ...plainly },
);
const SENTENCES = [
  'declared wave 1, canary: no cluster of the plan is called ten-zz',
  'declared wave 2: no cluster of the plan has tier=nope',
];

describe('waves that ask for clusters that are not there are told', () => {
  const summary = summarize(plan, sampleBundle);
  const told = { summary, previous: null, link: 'https://example.com/l', reminder: false, now: at('09:30:00') };
  const preview = { ...named, plan: { ...plan, planDigest }, failure: null };

  it('in the plan, and not where each has its clusters', () => {
    expect(plan.rollout.unmatched).toEqual(SENTENCES);
    expect(planned({ take: 'percent', percent: 1, ...plainly }).plan.rollout).not.toHaveProperty('unmatched');
  });

  it('at a terminal', () => {
    const lines = planText([preview], sampleBundle, false).split('\n');
    expect(lines).toEqual(expect.arrayContaining(SENTENCES.map((it) => `! production  ${it}`)));
    expect(line(plan)).toContain(`; ${SENTENCES.join('; ')}`);
  });

  it('as a comment', () => {
    expect(planMarkdown([preview], sampleBundle)).toContain(
      '- ⚠️ **production** declared wave 1, canary\\: no cluster of the plan is called ten-zz',
    );
  });

  it('on the page', async () => {
    expect(String(await rolloutSection(plan))).toContain(`<p><strong>${SENTENCES[1]}.</strong></p>`);
  });

  it('in the mail', () => {
    const { Message } = requestMail(asked(), 'Ada', told);
    expect(Message).toContain(`Waves without clusters:\n    ${SENTENCES[0]}.\n    ${SENTENCES[1]}.\n`);
  });

  it('in Slack', () => {
    expect(JSON.stringify(questionBlocks(asked(), told))).toContain(`*Waves without clusters*\\n${SENTENCES[0]}`);
  });
});
