import { failure } from '../failure.ts';
import type { Answer } from '../ledger/request.ts';

/** The approval page did not take a decision. */
export const DecisionRefused = failure(
  'DecisionRefused',
  (it: { link: string; status: number; answer: string }) => `${it.link} answered ${it.status}: ${it.answer}`,
);

/** Opens an approval link, and sends the page's own form, as a person with a browser does. */
export const decideByPage = async (
  link: string,
  it: { decision: Answer; environment: string; reason: string },
): Promise<void> => {
  const page = await fetch(link);
  const html = await page.text();
  const nonce = html.match(/name="nonce" value="([^"]+)"/)?.[1];
  if (nonce === undefined) throw new DecisionRefused({ link, status: page.status, answer: text(html) });
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams({ nonce, ...it }) });
  if (!answer.ok) throw new DecisionRefused({ link, status: answer.status, answer: text(await answer.text()) });
};

/** The link in a message about this pipeline, if it asks for an approval. */
export const approvalLink = (message: string, approvalUrl: string): string | undefined =>
  message.split(/\s/).find((word) => word.startsWith(`${approvalUrl}/approvals/`));

const text = (html: string): string =>
  html
    .replace(/<(style|title)>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
