import { AwsError } from '../protocol/aws-error.ts';
import { entries, type QueryOperation } from '../protocol/query.ts';
import type { Context } from './context.ts';
import type { Tag } from './state.ts';

export const listTags =
  (context: Context): QueryOperation =>
  async (input) => ({ TagList: { Tag: tagged(context, input).tags } });

export const addTags =
  (context: Context): QueryOperation =>
  async (input) => {
    const resource = tagged(context, input);
    resource.tags = merged(resource.tags, requestedTags(input));
    await context.save();
    return {};
  };

export const removeTags =
  (context: Context): QueryOperation =>
  async (input) => {
    const resource = tagged(context, input);
    const keys = new Set(entries(input, 'TagKeys.member').flatMap((entry) => Object.values(entry)));
    resource.tags = resource.tags.filter(({ Key }) => !keys.has(Key));
    await context.save();
    return {};
  };

/** The tags of what an ARN names; none where it names nothing. */
export const tagsOf = ({ state }: Context, arn: string): Record<string, string> => {
  const found = withArn(state, arn);
  return Object.fromEntries((found?.tags ?? []).map(({ Key, Value }) => [Key, Value]));
};

/** Asked with every call of every function: nothing of what thousands of clusters have is copied for it. */
const withArn = ({ clusters, instances, snapshots }: Context['state'], arn: string) => {
  const is = (it: { arn: string }) => it.arn === arn;
  return clusters.find(is) ?? snapshots.find(is) ?? instances.find(is);
};

/** The `Tags` of a request, checked by the rules RDS has for them. @throws InvalidParameterValue */
export const requestedTags = (input: URLSearchParams): Tag[] => {
  const tags = entries(input, 'Tags.Tag').map(({ Key = '', Value = '' }) => ({ Key, Value }));
  for (const { Key, Value } of tags) {
    if (!Key || Key.length > 128 || Value.length > 256 || !ALLOWED.test(Key) || !ALLOWED.test(Value)) {
      throw new AwsError(
        'InvalidParameterValue',
        `The tag "${Key}" is not valid: 1 to 128 characters, its value up to 256, out of letters, digits, blanks and _.:/=+-@`,
      );
    }
    if (/^(aws|rds):/.test(Key))
      throw new AwsError('InvalidParameterValue', `The tag "${Key}" has a prefix that is reserved for AWS.`);
  }
  return merged([], tags);
};

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export const merged = (present: Tag[], added: Tag[]) => {
  const all = new Map([...present, ...added].map(({ Key, Value }) => [Key, Value]));
  if (all.size > 50) throw new AwsError('InvalidParameterValue', 'A resource can have no more than 50 tags.');
  return [...all].map(([Key, Value]) => ({ Key, Value }));
};

const tagged = ({ state }: Context, input: URLSearchParams) => {
  const name = input.get('ResourceName') ?? '';
  const kind = /^arn:[^:]+:rds:[^:]*:[^:]*:(cluster|cluster-snapshot|db):/.exec(name)?.[1];
  if (!kind)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid resource name: ${name}. The local cloud tags clusters, instances and cluster snapshots.`,
    );
  const found = withArn(state, name);
  if (found) return found;
  // The wire code that the tagging operations have for any kind of snapshot.
  if (kind === 'cluster-snapshot') throw new AwsError('DBSnapshotNotFound', `${name} not found.`, 404);
  if (kind === 'db') throw new AwsError('DBInstanceNotFound', `${name} not found.`, 404);
  throw new AwsError('DBClusterNotFoundFault', `${name} not found.`, 404);
};
