import { z } from 'zod';
import type { AwsRequest } from '../../service.ts';
import { SlackError } from '../slack-error.ts';

/** A flag, which forms carry as text. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0', '']), z.literal([0, 1])])
  .transform((it) => it === true || it === 'true' || it === '1' || it === 1);

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** A call's token and arguments. The token may be a form's field, but not a member of a JSON body. */
export const callOf = ({ method, headers, body }: AwsRequest): { token?: string; args: Record<string, unknown> } => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (method !== 'POST' || type.trim() === '') throw new SlackError('missing_post_type');
  if (type.trim() === JSON_TYPE) return { ...(bearer ? { token: bearer } : {}), args: jsonObject(body.toString()) };
  if (type.trim() !== FORM) throw new SlackError('invalid_post_type');
  const { token: field, ...args } = Object.fromEntries(new URLSearchParams(body.toString()));
  const token = bearer ?? field;
  return { ...(token ? { token } : {}), args };
};

const jsonObject = (text: string): Record<string, unknown> => {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SlackError('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SlackError('json_not_object');
  return value as Record<string, unknown>;
};
