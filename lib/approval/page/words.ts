import { html } from 'hono/html';
import { visible } from './visible.ts';

export type Html = ReturnType<typeof html>;

export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** `Ada`, `Ada and Berta`, `Ada, Berta and Cleo` */
export const listed = (names: string[], last = 'and'): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;

/** `5 January 2026, 10:00 UTC`, for people as for machines. */
export const instant = (iso: string): Html => html`<time datetime="${visible(iso)}">${readable(iso)}</time>`;

/** `340 ms`, `1.2 s`, `3 min 12 s`, `2 h 5 min` */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
};

/** `2 days 3 h`, `3 h 12 min`, `12 min`, `less than a minute` */
export const timeLeft = (milliseconds: number): string => {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'less than a minute';
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${count(days, 'day')}${hours > 0 ? ` ${hours} h` : ''}`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
};

/** The beginning of a digest, and all of it for whoever points at it or copies it. */
export const short = (digest: string): Html =>
  html`<code class="digest" title="${visible(digest)}">${visible(digest.slice(0, 12))}<span class="rest">${visible(digest.slice(12))}</span></code>`;

export const riskBadge = (risk: string): Html => html`<span class="risk ${risk}">${risk} risk</span>`;

const readable = (iso: string): string => {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return visible(iso);
  const [day, month, year] = [date.getUTCDate(), MONTHS[date.getUTCMonth()], date.getUTCFullYear()];
  return `${day} ${month} ${year}, ${date.toISOString().slice(11, 16)} UTC`;
};

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
