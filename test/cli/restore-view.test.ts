import { describe, expect, it } from 'vitest';
import { restoreView } from '../../lib/cli/restore-preview.ts';
import { points } from '../fleet/restore/samples.ts';
import { run } from '../fleet/samples.ts';
import { lockstep } from '../helpers/lockstep.ts';

const record = { ...run(), status: 'FAILED' as const };
const clusters = [
  { cluster: 'orders', point: points.snapshot, databases: 2 },
  { cluster: 'billing', point: points.pointInTime, databases: 12 },
];

describe('lockstep restore', () => {
  it('shows what it would do, in which steps, and what users would notice', () => {
    expect(restoreView({ record, swap: false, clusters }, 'production', false)).toBe(
      [
        'Before run run-1 in production: of 2026-01-05 09:00:00Z, by anna',
        '',
        'CLUSTER  DATABASES  RESTORED FROM',
        'orders           2  snapshot lockstep-orders-1 of 2026-11-21T06:00:00.000Z',
        'billing         12  the continuous backups, at 2026-11-21T06:00:00.000Z',
        '',
        '  1. Make a new cluster from the restore point, with the network, parameter groups, key, scaling and tags of the one that stands there, and instances of the same classes.',
        '  2. Enable the Data API for it and compare the schema of every database with the one before the run.',
        '  3. The cluster that stands there is not touched, and goes on to be the one that is used.',
        '',
        'What users notice: None: the new clusters stand beside the old ones, and cost what clusters cost until you delete them.',
        'Enhanced monitoring, associated IAM roles, autoscaling policies and custom endpoints are not carried over.',
        'A CloudFormation stack that made a cluster knows it by its name: after a swap that is another cluster.',
      ].join('\n'),
    );
  });

  it('tells beforehand that names change places, and for how long nobody is reached by them', () => {
    const shown = restoreView({ record, swap: true, clusters }, 'production', false);
    expect(shown).toContain('From here on nobody reaches the cluster by its name.');
    expect(shown).toContain('What users notice: While two renamings last, mostly a few minutes');
  });

  it.each([[], ['production'], ['production', 'run', 'more'], ['production', 'run', '--cluster']])(
    'takes %j for wrong usage',
    async (...line) => {
      const { exitCode } = await lockstep('restore', ...(line as string[]));
      expect(exitCode).toBe(2);
    },
  );

  it('tells its exit codes', async () => {
    const { stdout } = await lockstep('restore', '--help');
    for (const code of [0, 1, 2, 3]) expect(stdout).toMatch(new RegExp(`^  ${code}  \\S`, 'm'));
  });
});
