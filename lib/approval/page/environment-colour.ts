/**
 * Class of an environment's colour: red is kept for production, and each other name has always the same of eight hues.
 */
export const colourOf = (environment: string): string =>
  isProduction(environment) ? 'production' : `hue-${hash(environment) % 8}`;

export const isProduction = (environment: string): boolean =>
  /(^|[-_])(production|prod|prd|live)([-_\d]|$)/i.test(environment) && !/(^|[-_])(non|not|pre)[-_]/i.test(environment);

/** FNV-1a: spreads names that differ in one letter. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
};
