import type { RestorePoint } from '../../ledger/restore-points.ts';
import type { RestorePlan } from './plan.ts';

/** What happens to each cluster, in order, in words; the same on the page, in mails and in the terminal. */
export const stepsOf = ({ swap }: Pick<RestorePlan, 'swap'>): string[] => [
  'Make a new cluster from the restore point, with the network, parameter groups, key, scaling and tags of the one that stands there, and instances of the same classes.',
  'Enable the Data API for it and compare the schema of every database with the one before the run.',
  ...(swap
    ? [
        'When that is done for every cluster, rename the old one and protect it from deletion. From here on nobody reaches the cluster by its name.',
        'Give the new one the name, and enable the Data API under it. Now it is reached again.',
        'Compare every schema once more. The old cluster is kept.',
      ]
    : ['The cluster that stands there is not touched, and goes on to be the one that is used.']),
];

/** What users of the clusters notice, told beforehand. */
export const outageOf = ({ swap }: Pick<RestorePlan, 'swap'>): string =>
  swap
    ? 'While two renamings last, mostly a few minutes, no cluster that is swapped can be reached by its name. Connections break, and what was written since the restore point is in the old cluster only.'
    : 'None: the new clusters stand beside the old ones, and cost what clusters cost until you delete them.';

/** What is not carried over, and what is not ours to put right. */
export const CAVEATS = [
  'Enhanced monitoring, associated IAM roles, autoscaling policies and custom endpoints are not carried over.',
  'A CloudFormation stack that made a cluster knows it by its name: after a swap that is another cluster.',
];

/** `snapshot lockstep-orders-1-… of 2026-11-21T06:00:00.000Z` */
export const pointSentence = (point: RestorePoint): string => {
  switch (point.kind) {
    case 'snapshot':
      return `snapshot ${point.snapshot} of ${point.at}`;
    case 'clone':
      return `clone ${point.clone} of ${point.at}`;
    case 'pointInTime':
      return `the continuous backups, at ${point.at}`;
  }
};
