import pg from 'pg';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import { type Context, later } from './context.ts';
import { checkAvailable, cluster, described } from './describe-clusters.ts';
import { identifier } from './identifier.ts';
import { only } from './members.ts';
import { checkGroups, requestedSettings, SETTINGS } from './settings.ts';
import type { ClusterRecord } from './state.ts';

export const modifyCluster =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBClusterIdentifier', 'ApplyImmediately', ...AT_ONCE, ...MODIFIABLE]);
    const record = cluster(context, identifier(input, 'DBClusterIdentifier'));
    const waiting = AT_ONCE.find((member) => input.has(member));
    if (waiting && input.get('ApplyImmediately') !== 'true') {
      throw new AwsError(
        'UnsupportedOperation',
        `The local cloud has no maintenance windows: ${waiting} needs ApplyImmediately.`,
      );
    }
    checkAvailable(context, record, 'a modification');
    checkGroups(input, context.state);
    const settings = requestedSettings(input, record.settings);
    const name = input.has('NewDBClusterIdentifier') ? identifier(input, 'NewDBClusterIdentifier') : record.identifier;
    if (name !== record.identifier) checkFree(context, name);
    const password = input.get('MasterUserPassword');
    if (password !== null) await setPassword(context, record, password);
    record.settings = settings;
    if (name !== record.identifier) record.renaming = { identifier: name, at: later(context) };
    await context.save();
    return { DBCluster: described(context, record) };
  };

/** Those that AWS keeps for the maintenance window otherwise. */
const AT_ONCE = ['NewDBClusterIdentifier', 'MasterUserPassword', 'EnableIAMDatabaseAuthentication'];

const FIXED = ['DBSubnetGroupName', 'KmsKeyId', 'EnableCloudwatchLogsExports'];
const MODIFIABLE = SETTINGS.filter((member) => !FIXED.includes(member) && !AT_ONCE.includes(member));

const checkFree = ({ state }: Context, name: string) => {
  if (state.clusters.some((it) => it.identifier === name || it.renaming?.identifier === name))
    throw new AwsError('DBClusterAlreadyExistsFault', `DB Cluster already exists: ${name}`);
};

const setPassword = async ({ servers }: Context, record: ClusterRecord, password: string) => {
  if (password.length < 8 || password.length > 99 || /[^!-~]|[/"@]/.test(password)) {
    throw new AwsError(
      'InvalidParameterValue',
      'The parameter MasterUserPassword is not a valid password: 8 to 99 printable ASCII characters besides /, " and @.',
    );
  }
  const server = servers.get(record.resourceId);
  if (!server) {
    const sentence = `The local cloud can't set the password of ${record.identifier} while it has no instance.`;
    throw new AwsError('InvalidDBClusterStateFault', sentence);
  }
  const client = await server.connect();
  try {
    const user = pg.escapeIdentifier(record.masterUsername);
    await client.query(`ALTER ROLE ${user} PASSWORD ${pg.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
};
