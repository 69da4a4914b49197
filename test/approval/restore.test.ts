import { describe, expect, it } from 'vitest';
import { requestMail } from '../../lib/approval/mail.ts';
import { requestPage } from '../../lib/approval/page/request-page.ts';
import { planView } from '../../lib/approval/plan-view.ts';
import { questionBlocks } from '../../lib/approval/slack/blocks.ts';
import { summarizeRestore } from '../../lib/approval/summary.ts';
import { publicView } from '../../lib/approval/view.ts';
import { readWhatIsAsked } from '../../lib/approval/what-is-asked.ts';
import { approvalsView, statementsView } from '../../lib/cli/approvals-view.ts';
import type { RestorePlan } from '../../lib/fleet/restore/plan.ts';
import { objects } from '../../lib/ledger/objects.ts';
import { canonical, sha256 } from '../../lib/migrations/digest.ts';
import { item } from '../fleet/restore/samples.ts';
import { memoryBucket } from '../ledger/harness.ts';
import { asked, at } from './request.ts';

const plan = (more: Partial<RestorePlan> = {}): RestorePlan => ({
  ...{ restores: 'run-1', service: 'shop', environment: 'production', digest: 'd'.repeat(64), swap: true },
  ...{ policy: 'p', version: '1.0.0', clusters: [item()], ...more },
});

const page = (of: RestorePlan) =>
  String(
    requestPage({
      ...{ request: asked(), person: 'Ada', now: at('09:30:00'), asked: { restore: of } },
      ...{ nonce: 'n', notice: null, typed: null },
    }),
  );

describe('the page of a restore', () => {
  it('tells which clusters, from what, in which steps, and what users notice', () => {
    const html = page(plan());
    expect(html).toContain('Restore 1 cluster to before run run-1, and swap them in');
    expect(html).toContain('no cluster that is swapped can be reached by its name');
    expect(html).toContain('snapshot lockstep-orders-1 of 2026-11-21T06:00:00.000Z');
    for (const name of [item().restored, item().kept, 'db.r8g.large', 'red, blue']) expect(html).toContain(name);
    expect(html).toContain('The clusters that stand there now are kept');
    expect(html.replace(/<style>.*?<\/style>/s, '')).not.toMatch(/wave|statement, in line/);
  });

  it('tells beforehand that nobody notices where nothing is swapped', () => {
    const html = page(plan({ swap: false, clusters: [item({ stands: true })] }));
    expect(html).toContain('None: the new clusters stand beside the old ones');
    expect(html).toContain('made by an earlier restore and taken as it is');
    expect(html).not.toContain(item().kept);
  });
});

it('is told in mail and Slack by its outage, not by statements', () => {
  const it_ = { summary: summarizeRestore(plan()), previous: null, link: 'https://x', reminder: false };
  const { Subject, Message } = requestMail(asked(), 'Ada', { ...it_, now: at('09:30:00') });
  expect(Subject).toBe('Approve: shop production, restore 1 cluster to before run run-1, and swap them in');
  expect(Message).toContain('What users notice: While two renamings last');
  expect(Message).toContain('Read every step and decide');
  expect(Message).not.toMatch(/wave|low 0/);
  const blocks = JSON.stringify(questionBlocks(asked(), it_));
  expect(blocks).toContain('*What users notice*');
  expect(blocks).not.toMatch(/wave|Risk/);
});

it('is of the highest risk where clusters change places', () => {
  expect(summarizeRestore(plan()).risk).toBe('high');
  expect(summarizeRestore(plan({ swap: false })).risk).toBe('medium');
});

it('is shown only while it is what was asked about', async () => {
  const read = (written: object) =>
    readWhatIsAsked(objects(memoryBucket({ 'runs/run-1/plan.json': JSON.stringify(written) }).client, 'bucket'), {
      ...{ run: 'run-1', planDigest: sha256(canonical(plan())) },
    });
  expect(await read(plan())).toEqual({ restore: plan() });
  expect(await read(plan({ swap: false }))).toBeNull();
});

it('is told to the command line by its steps and clusters', () => {
  const view = planView({ restore: plan() });
  const told = statementsView(view, 'd'.repeat(64), false);
  expect(told).toContain('Give the new one the name');
  expect(told).toContain(`${item().cluster}: ${item().restored}, from snapshot lockstep-orders-1`);
  const request = { ...publicView(asked(), at('09:30:00')), plan: view };
  const listed = approvalsView([request], 'production', false, at('09:30:00'));
  expect(listed).toContain('to restore 1 cluster to before run run-1, and swap them in');
  expect(listed).not.toMatch(/wave/);
});
