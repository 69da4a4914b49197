import { createHash } from 'node:crypto';

/** Characters of an execution's name (AWS Step Functions, StartExecution). */
const MOST = 80;

/**
 * The name of an execution that follows from a run, so that asking twice starts it once. The hash tells runs apart whose
 * names are cut.
 */
export const executionName = (name: string, run: string): string =>
  name.length <= MOST
    ? name
    : `${name.slice(0, MOST - 13)}-${createHash('sha256').update(run).digest('hex').slice(0, 12)}`;
