/** A form that can't be read, and why. */
export type Unreadable = { status: 400 | 413 | 415; title: string; text: string };

/** The fields of the page's form; what wasn't sent is empty. */
export type Form = Record<(typeof FIELDS)[number], string>;

export const MOST_REASON = 1_000;

const FIELDS = ['nonce', 'decision', 'environment', 'reason'] as const;

const MOST_BYTES = 16 * 1024;

/** Reads the form of a request, which may be anything that anybody sends. */
export const readForm = async (request: Request): Promise<Form | Unreadable> => {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    return {
      status: 415,
      title: 'Not a form',
      text: 'Decisions are sent by the form on the page, and by nothing else.',
    };
  }
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return tooLarge;
  const body = await request.text();
  if (Buffer.byteLength(body) > MOST_BYTES) return tooLarge;
  const sent = new URLSearchParams(body);
  // Which of two values is meant, nobody can know.
  if (FIELDS.some((field) => sent.getAll(field).length > 1)) {
    return { status: 400, title: 'Nothing decided', text: 'A field of the form was sent twice. Open the link again.' };
  }
  const field = (name: (typeof FIELDS)[number]) => (sent.get(name) ?? '').replaceAll('\r\n', '\n').trim();
  return {
    nonce: field('nonce'),
    decision: field('decision'),
    environment: field('environment'),
    reason: field('reason'),
  };
};

/**
 * Whether a browser says that another site has made it send this. Where nothing is said, the form's nonce alone has to
 * prove it; an `Origin` of `null` is what a page without referrer sends to itself.
 */
export const isFromElsewhere = (headers: Headers): boolean => {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin');
  if (origin === null || origin === 'null') return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.get('host');
};

const tooLarge: Unreadable = {
  status: 413,
  title: 'Too long',
  text: `A form of more than ${MOST_BYTES / 1024} KiB is not read. Shorten the reason.`,
};
