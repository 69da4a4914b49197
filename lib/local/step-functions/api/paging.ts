import { invalidToken } from './api-error.ts';
import type { ApiInput } from './api-input.ts';

/** One page of a list, as `maxResults` and `nextToken` ask for it. `key` names an item for good. */
export const page = <Item>(
  input: ApiInput,
  items: Item[],
  key: (item: Item) => string,
): { items: Item[]; nextToken?: string } => {
  const size = input.optionalInteger('maxResults', 0, 1000) || 100;
  const token = input.optionalString('nextToken', { most: 3096 });
  const start = token === undefined ? 0 : after(token, items, key);
  const found = items.slice(start, start + size);
  const more = start + size < items.length;
  return { items: found, ...(more && { nextToken: encode(key(found.at(-1)!)) }) };
};

const BEGIN = 'AAAA';
const encode = (key: string) => BEGIN + Buffer.from(key).toString('base64url');

/** A token names the last item of the page before, so that what is added meanwhile moves nothing. */
const after = <Item>(token: string, items: Item[], key: (item: Item) => string) => {
  const last = token.startsWith(BEGIN) ? Buffer.from(token.slice(BEGIN.length), 'base64url').toString() : '';
  const at = items.findIndex((item) => key(item) === last);
  if (at < 0) throw invalidToken();
  return at + 1;
};
