import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { approvalPages } from '../approval/harness.ts';
import { at, policy } from '../approval/request.ts';
import { beforehand, shopBundle, shopFleet } from '../approval/sample.ts';
import { browsing, serious, shoot } from '../helpers/browsing.ts';

const pages = approvalPages();
const { browser, serve } = browsing();

/** A production request of four migrations, one of them grave, behind a web server of its own. */
const asking = async (it: Parameters<typeof pages.opened>[0] = {}) => {
  const opened = await pages.opened({ bundle: shopBundle, fleet: shopFleet, previous: beforehand, ...it });
  const origin = await serve(opened.app);
  const visit = async (options: BrowserContextOptions = {}, path = opened.path): Promise<Page> => {
    const context = await browser().newContext(options);
    const page = await context.newPage();
    await page.goto(`${origin}${path}`);
    return page;
  };
  return { ...opened, visit };
};

const narrow: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const decide = async (page: Page, button: 'Approve for production' | 'Reject', typed = 'production', reason = '') => {
  await page.getByLabel(/type production/).fill(typed);
  if (reason !== '') await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: button }).click();
};

describe('in a browser, a request', () => {
  it('is opened, read, and approved with the typed name', async () => {
    const { visit, held } = await asking();
    const page = await visit();
    await expect(page.title()).resolves.toBe('shop production – Lockstep');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'Bring 4 migrations to 6 databases in 3 clusters',
    );
    expect(await page.getByText('DROP TABLE carts CASCADE;').isVisible()).toBe(true);
    await shoot(page, 'open');
    await decide(page, 'Approve for production');
    expect(await page.getByRole('status').textContent()).toContain('Approved by Ada. The run goes on.');
    expect(await page.getByRole('button').count()).toBe(0);
    await shoot(page, 'approved');
    expect(await held()).toMatchObject({ outcome: { decision: 'approved' }, votes: [{ by: 'Ada', channel: 'mail' }] });
  });

  it('stays open when another name is typed, keeps the reason, and is decided when it is put right', async () => {
    const { visit, held } = await asking();
    const page = await visit();
    await decide(page, 'Approve for production', 'staging', 'as agreed');
    expect(await page.getByRole('alert').textContent()).toContain('Nothing decided.');
    const field = page.getByLabel(/type production/);
    expect([
      await field.getAttribute('aria-invalid'),
      await field.evaluate((it) => it === document.activeElement),
    ]).toEqual(['true', true]);
    expect(await page.getByLabel('Reason').inputValue()).toBe('as agreed');
    await shoot(page, 'wrong-name');
    expect((await held()).votes).toEqual([]);
    await decide(page, 'Approve for production');
    expect((await held()).votes).toMatchObject([{ decision: 'approved', reason: 'as agreed' }]);
  });

  it('is rejected with a reason, and not without', async () => {
    const { visit, held } = await asking();
    const page = await visit();
    await decide(page, 'Reject');
    expect(await page.getByRole('alert').textContent()).toContain('Rejecting needs a reason');
    await decide(page, 'Reject', 'production', 'Not on a Friday.');
    expect(await page.locator('.outcome').textContent()).toContain('Not on a Friday.');
    await shoot(page, 'rejected');
    expect((await held()).outcome).toMatchObject({ decision: 'rejected' });
  });

  it('that has expired can be read, but not decided', async () => {
    const { visit, clock, held } = await asking();
    const page = await visit();
    clock.now = at('10:00:01');
    await decide(page, 'Approve for production');
    expect(await page.getByRole('alert').textContent()).toContain('Nobody decided before');
    expect(await page.getByRole('button').count()).toBe(0);
    await shoot(page, 'expired');
    expect((await held()).votes).toEqual([]);
  });

  it('tells the second click what holds: sending the form again, going back, and in a second tab', async () => {
    const { visit, held } = await asking();
    const [first, second] = [await visit(), await visit()];
    const nonce = await first.locator('input[name=nonce]').inputValue();
    await decide(first, 'Approve for production');
    const form = { nonce, environment: 'production', decision: 'approved' };
    expect(await (await first.request.post(first.url(), { form })).text()).toContain('As you said before.');
    await first.goBack();
    expect(await first.locator('.outcome').textContent()).toContain('Approved');
    expect(await first.getByRole('button').count()).toBe(0);
    await decide(second, 'Reject', 'production', 'no');
    expect(await second.getByRole('alert').textContent()).toContain('This is decided already: approved by Ada.');
    expect((await held()).votes).toHaveLength(1);
    expect(pages.sent()).toHaveLength(1);
  });

  it('is decided once by a double click', async () => {
    const { visit, held } = await asking({ request: { quorum: 2 } });
    const page = await visit();
    await page.getByLabel(/type production/).fill('production');
    await page.getByRole('button', { name: 'Approve for production' }).dblclick();
    await page.locator('.notice').waitFor();
    await expect.poll(async () => (await held()).votes.map(({ by }) => by)).toEqual(['Ada']);
  });

  it('needs no JavaScript, and has none', async () => {
    const { visit, held } = await asking();
    const page = await visit({ javaScriptEnabled: false });
    expect(await page.locator('script').count()).toBe(0);
    await page.locator('summary', { hasText: 'How it would be taken back' }).first().click();
    expect(await page.getByText('DROP TYPE loyalty_tier;').isVisible()).toBe(true);
    await decide(page, 'Approve for production');
    expect((await held()).outcome?.decision).toBe('approved');
  });

  it('where a link is not proof enough offers other ways, and a way to say no', async () => {
    const { visit, held } = await asking({ request: { policy: policy({ mailLinkIsEnough: false }) } });
    const page = await visit();
    expect(await page.getByRole('button').allTextContents()).toEqual(['Reject']);
    expect(await page.getByText('lockstep approve production run-1').isVisible()).toBe(true);
    await shoot(page, 'link-not-enough');
    await decide(page, 'Reject', 'production', 'no');
    expect((await held()).outcome?.decision).toBe('rejected');
  });
});

describe('the page', () => {
  it.each([
    ['wide', {}],
    ['narrow', narrow],
    ['320 pixels wide', { viewport: { width: 320, height: 600 } }],
  ])('when %s, scrolls in one direction only, and hides nothing of the SQL', async (name, options) => {
    const { visit } = await asking();
    const page = await visit(options);
    const wider = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      sql: [...document.querySelectorAll('.sql')].filter((it) => it.scrollWidth > it.clientWidth).length,
    }));
    expect(wider).toEqual({ page: 0, sql: 0 });
    if (name === 'narrow') {
      await shoot(page, 'narrow');
      await page.getByRole('link', { name: 'Decide' }).click();
      expect(await page.getByRole('button', { name: 'Reject' }).isVisible()).toBe(true);
    }
  });

  it.each([375, 320])('writes the environment in one piece on a screen of %i pixels', async (width) => {
    const mail = 'a.rather.long.address@subsidiary.example.com';
    const people = [{ name: mail, mail }];
    const { visit, link } = await asking({ request: { policy: policy({ people }), approvers: [mail] } });
    const page = await visit({ viewport: { width, height: 700 } }, await link(mail));
    const lines = await page.locator('.where strong').evaluate((it) => {
      const text = document.createRange();
      text.selectNodeContents(it);
      return text.getClientRects().length;
    });
    expect(lines).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await shoot(page, `band-${width}`);
  });

  it('keeps the form in sight on a wide screen, and the environment everywhere', async () => {
    const { visit } = await asking();
    const page = await visit({ viewport: { width: 1360, height: 860 } });
    await page.mouse.wheel(0, 2_000);
    await page.waitForFunction(() => scrollY > 1_000);
    for (const it of [
      page.getByRole('button', { name: 'Reject' }),
      page.getByText('production', { exact: true }).first(),
    ]) {
      const box = await it.boundingBox();
      expect(box && box.y >= 0 && box.y + box.height <= 860).toBe(true);
    }
  });

  it('is accessible in every state', async () => {
    const { visit, link } = await asking({ request: { quorum: 2 } });
    const page = await visit();
    expect(await serious(page)).toEqual([]);
    await decide(page, 'Approve for production', 'wrong');
    expect(await serious(page)).toEqual([]);
    await decide(page, 'Approve for production');
    expect(await serious(page)).toEqual([]);
    const other = await visit({}, await link('Berta'));
    await decide(other, 'Reject', 'production', 'no');
    expect(await serious(other)).toEqual([]);
    await other.goto(`${other.url()}?migration=0043`);
    expect(await serious(other)).toEqual([]);
  });

  it('is accessible in the dark', async () => {
    const { visit } = await asking();
    const page = await visit({ colorScheme: 'dark' });
    await shoot(page, 'dark');
    await decide(page, 'Approve for production', 'wrong');
    expect(await serious(page)).toEqual([]);
    await decide(page, 'Reject', 'production', 'no');
    expect(await serious(page)).toEqual([]);
  });

  it('is accessible when narrow', async () => {
    const { visit } = await asking({ environment: 'staging' });
    const page = await visit(narrow);
    expect(await serious(page)).toEqual([]);
  });
});

describe('a scanner that runs JavaScript, fills every field and presses every button', () => {
  it.each([
    ['when nothing is decided', {}],
    ['when a link is not proof enough', { policy: policy({ mailLinkIsEnough: false }) }],
    ['when it comes by the link of somebody who has decided', { quorum: 2 }],
  ])('decides nothing %s', async (_, request) => {
    const { visit, held, send } = await asking({ request });
    if (request && 'quorum' in request) await send({ decision: 'approved' });
    const before = await held();
    const page = await visit();
    const address = page.url();
    for (let button = 0; ; button += 1) {
      await page.goto(address);
      if (button >= (await page.locator('button, input[type=submit]').count())) break;
      await fillWithJunk(page, button);
      await Promise.all([page.waitForLoadState(), page.locator('button, input[type=submit]').nth(button).click()]);
    }
    await page.goto(address);
    await page.evaluate(() => {
      for (const form of document.forms) form.noValidate = true;
    });
    for (const submit of ['submit', 'requestSubmit'] as const) {
      await page.goto(address);
      await fillWithJunk(page, 7);
      await Promise.all([page.waitForNavigation(), page.evaluate((how) => document.forms[0]?.[how](), submit)]);
    }
    expect([await held(), pages.sent()]).toEqual([before, []]);
  });
});

const fillWithJunk = (page: Page, seed: number) =>
  page.evaluate((seed) => {
    const junk = ['test', 'admin@example.com', '1', 'yes', 'approve', 'Production', '<b>', 'on'];
    for (const field of document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), textarea, select')) {
      field.value = junk[seed % junk.length]!;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }, seed);
