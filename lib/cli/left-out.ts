import type { Report } from '../fleet/report.ts';
import type { Paint } from './progress-words.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

type LeftOut = Report['unfit'];

/** Clusters that a plan leaves out since they can't be worked on, each with why and what to do about it. */
export const leftOutLines = (environment: string, unfit: LeftOut, paint: Paint): string[] => {
  const more = unfit.length - MANY;
  return [
    ...unfit
      .slice(0, MANY)
      .map(({ cluster, problems }) => `${told(cluster)} is left out: ${problems.map(told).join('; ')}`),
    ...(more > 0 ? [`${counted(more, 'more cluster')} left out, as --json tells`] : []),
  ].map((line) => `${paint('yellow', '!')} ${environment}  ${line}`);
};

/** More clusters than anybody reads line by line. */
const MANY = 100;
