/** `2026-11-21 06:43:21Z`: to the second, in UTC, so that lines of all databases compare. */
export const time = (iso: string | null): string =>
  iso === null
    ? '–'
    : new Date(iso)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
