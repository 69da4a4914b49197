import * as z from 'zod';
import { IndexState } from './settlement.ts';

/** What was sent once, as it was written down before. */
export const Sent = z.object({
  mark: z.string(),
  /** 1-based, of the up file or, with `direction` down, of the down file. */
  statement: z.number(),
  text: z.string(),
  direction: z.enum(['up', 'down']),
  /** Hash of the file's statements up to this one; see `prefixOf`. Null where an earlier version has sent it. */
  prefix: z.string().nullable(),
  /** Number of statements of that file then. */
  steps: z.number(),
  run: z.string(),
  at: z.iso.datetime({ offset: true }),
  /** Until when its sender may have sent it. */
  deadline: z.iso.datetime({ offset: true }),
  /** When the server that was written to had been started. */
  serverStarted: z.iso.datetime({ offset: true }),
});

export type Sent = z.infer<typeof Sent>;

/** All that is known of a statement of which nobody knows whether it took effect. */
export const Evidence = z.object({
  sent: Sent,
  /** When its session was looked for and not found any more. */
  lookedAt: z.iso.datetime({ offset: true }),
  /** Later than when it was sent: the server broke off whatever it was doing in between. */
  serverStarted: z.iso.datetime({ offset: true }),
  /** What the catalog showed of it before and when it was looked at; null where it can't show anything. */
  before: IndexState,
  now: IndexState,
});

export type Evidence = z.infer<typeof Evidence>;

/** The evidence in a sentence: `statement 2 (CALL p()) is in doubt: …` */
export const doubtful = ({ sent, lookedAt, serverStarted, now }: Evidence): string => {
  const restarted = serverStarted !== sent.serverStarted;
  return [
    `statement ${sent.statement}${sent.direction === 'down' ? ' of the down file' : ''} (${clipped(sent.text, 120)}) is in doubt:`,
    `${sent.run} sent it at ${time(sent.at)}, or shortly after, and no answer was written down;`,
    `at ${time(lookedAt)} no session was carrying it out any more, and`,
    `${now === null ? 'nothing in the catalog tells' : 'the catalog does not tell'} whether it took effect`,
    ...(restarted ? [`; the server was started anew in between, at ${time(serverStarted)}`] : []),
  ]
    .join(' ')
    .replace(' ;', ';');
};

/** What a person can do about it, with the words of the command line. */
export const remedy = (environment: string, database: string, migration: string): string =>
  `Look at the database, then decide: lockstep resolve ${environment} ${database} ${migration} --reason … with --as applied if the statement took effect (the next run goes on behind it), or --as not-applied if it did not (the next run sends it again).`;

/** As much of a statement as is kept of it. */
export const clipped = (text: string, length: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};

const time = (iso: string): string =>
  new Date(iso)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
