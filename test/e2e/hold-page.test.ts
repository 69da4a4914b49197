import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { rollout } from '../approval/hold/held.ts';
import { holdPages } from '../approval/hold/opened.ts';
import { policy } from '../approval/request.ts';
import { browsing, serious, shoot } from '../helpers/browsing.ts';

const pages = holdPages();
const { browser, serve } = browsing();
const narrow: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const holding = async (more: Parameters<typeof pages.opened>[0] = {}) => {
  const { app, link, stored } = await pages.opened(more);
  const origin = await serve(app);
  const path = await link('Ada');
  const visit = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await browser().newContext(options)).newPage();
    await page.goto(`${origin}${path}`);
    return page;
  };
  return { visit, stored };
};

describe('in a browser, a rollout that is held', () => {
  it('is read, and resumed with the typed name', async () => {
    const { visit, stored } = await holding();
    const page = await visit({ javaScriptEnabled: false });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('The rollout is held after wave 2');
    await shoot(page, 'hold-open');
    await page.getByLabel(/type production/).fill('production');
    await page.getByLabel('Reason').fill('three tenants are known to be broken');
    await page.getByRole('button', { name: 'Resume in production' }).click();
    expect(await page.getByRole('status').textContent()).toContain('The rollout goes on.');
    await shoot(page, 'hold-resumed');
    expect(await stored()).toMatchObject({ outcome: { decision: 'resume' }, votes: [{ by: 'Ada', channel: 'mail' }] });
  });

  it('is abandoned with a reason, and not without', async () => {
    const { visit, stored } = await holding({ policy: policy({ mailLinkIsEnough: false }) });
    const page = await visit();
    await shoot(page, 'hold-low');
    await page.getByLabel(/type production/).fill('production');
    await page.getByRole('button', { name: 'Abandon' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Abandoning needs a reason');
    await page.getByLabel(/type production/).fill('production');
    await page.getByLabel('Reason').fill('wrong bundle');
    await page.getByRole('button', { name: 'Abandon' }).click();
    expect(await page.locator('.outcome').textContent()).toContain('wrong bundle');
    await shoot(page, 'hold-abandoned');
    expect((await stored()).outcome).toMatchObject({ decision: 'abandon' });
  });

  it.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', narrow],
    ['narrow and dark', { ...narrow, colorScheme: 'dark' }],
  ] as [string, BrowserContextOptions][])('has nothing that axe finds serious, and fits: %s', async (name, options) => {
    const hold = rollout({ canRevert: false, withoutDown: ['0044_drop_legacy_carts.sql'], moreFailures: 7 });
    const { visit } = await holding({ hold, quorum: 2 });
    const page = await visit(options);
    expect(await serious(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.screen.width);
    expect(overflow).toBeLessThanOrEqual(0);
    await shoot(page, `hold-${name.replaceAll(' ', '-')}`);
  });
});
