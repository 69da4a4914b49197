import type { Place } from '../../service.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { entryOf, type Input, inputOf, operationOf } from './json-operation.ts';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export const ssmActions = ({ partition, region, account }: Place): Mapping => {
  const arn = (rest: string) => `arn:${partition}:ssm:${region}:${account}:${rest}`;
  return {
    checks(request) {
      const operation = operationOf(request);
      const named = entryOf(NAMED, operation);
      const input = inputOf(request);
      if (!named || !input) return named && [];
      const action = `ssm:${operation}`;
      if (operation === 'DescribeParameters') return [{ action, resource: '*', shown: arn('*') }];
      if (operation === 'GetCalendarState' || operation.endsWith('Document')) {
        return named(input).map((name) => ({
          action,
          resource: name.startsWith('arn:') ? name : arn(`document/${name}`),
        }));
      }
      return named(input).map((name) => ({ action, resource: arn(`parameter/${plain(name)}`) }));
    },
    refuse: refuseInJson,
  };
};

/** Without the slash in front and the version behind, and not as an ARN. */
const plain = (name: string) => {
  const [own = '', ...more] = name.startsWith('arn:') ? name.split(':').slice(5) : name.split(':');
  return (name.startsWith('arn:') ? own.replace(/^parameter/, '') : more.length > 1 ? name : own).replace(/^\//, '');
};

const one = ({ Name }: Input) => [String(Name)];

const NAMED: Record<string, (input: Input) => string[]> = {
  GetParameter: one,
  PutParameter: one,
  DeleteParameter: one,
  GetParameters: ({ Names }) => [Names ?? []].flat().map(String),
  GetParametersByPath: ({ Path }) => [String(Path)],
  DescribeParameters: () => [],
  GetCalendarState: ({ CalendarNames }) => [CalendarNames ?? []].flat().map(String),
  CreateDocument: one,
  UpdateDocument: one,
  DeleteDocument: one,
};
