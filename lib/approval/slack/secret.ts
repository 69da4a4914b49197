import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { failure } from '../../failure.ts';

/** The secret of the Slack app does not hold what it should. What it holds is not told. */
// Pure in the bundler's eyes, or every step would bring it along.
export const SlackSecretInvalid = /* @__PURE__ */ failure(
  'SlackSecretInvalid',
  (it: { secret: string }) =>
    `The secret ${it.secret} holds neither botToken and signingSecret, nor webhookUrl, as texts in a JSON object.`,
);

/** What is not there is an empty text, by which nothing can be signed or sent. `apiUrl`: where Slack's Web API is. */
export type SlackSecret = { botToken: string; signingSecret: string; webhookUrl: string; apiUrl: string };

/** A rotated secret is in force everywhere after so long. */
const KEPT_MILLISECONDS = 60_000;

/** Reads the secret, and keeps it for a minute. */
export const slackSecret = (
  client: Pick<SecretsManagerClient, 'send'>,
  secret: string,
  apiUrl: string,
): (() => Promise<SlackSecret>) => {
  let kept: { value: Promise<SlackSecret>; at: number } | undefined;
  return () => {
    if (!kept || Date.now() - kept.at > KEPT_MILLISECONDS) {
      kept = { value: read(client, secret).then((held) => ({ ...held, apiUrl })), at: Date.now() };
      kept.value.catch(() => (kept = undefined));
    }
    return kept.value;
  };
};

const read = async (
  client: Pick<SecretsManagerClient, 'send'>,
  secret: string,
): Promise<Omit<SlackSecret, 'apiUrl'>> => {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
  const parsed = Held.safeParse(parse(SecretString));
  if (!parsed.success) throw new SlackSecretInvalid({ secret });
  return parsed.data;
};

const Held = z
  .object({
    botToken: z.string().default(''),
    signingSecret: z.string().default(''),
    webhookUrl: z.string().default(''),
  })
  .refine(({ botToken, signingSecret, webhookUrl }) => (botToken !== '' && signingSecret !== '') || webhookUrl !== '');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
