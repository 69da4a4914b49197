import { ofType, type Template } from './template.ts';

export type Statement = { Effect: string; Action: string | string[]; Resource: string | string[]; Condition?: object };

/** All statements of each role, by the function that it is for. */
export const policies = (template: Template): Map<string, Statement[]> => {
  const roles = ofType(template, 'AWS::IAM::Role').map(({ id }) => id.replace(/Role$/, ''));
  const statements = [...ofType(template, 'AWS::IAM::Policy'), ...ofType(template, 'AWS::IAM::ManagedPolicy')];
  return new Map(
    roles.map((role) => [
      role,
      statements
        .filter(({ properties }) => (properties.Roles as string[]).includes(`<${role}Role>`))
        .flatMap(({ properties }) => statementsIn(properties) as Statement[]),
    ]),
  );
};

/** What makes a statement allow more than can be seen. */
export const flaws = (statement: object): string[] => {
  const { Effect, Action, NotAction, NotResource } = statement as Statement & {
    NotAction?: unknown;
    NotResource?: unknown;
  };
  if (Effect === 'Deny') return [];
  return [
    ...(NotAction === undefined ? [] : ['NotAction allows the rest']),
    ...(NotResource === undefined ? [] : ['NotResource allows the rest']),
    ...list(Action ?? []).flatMap((it) => [
      ...(/[*?]/.test(it) ? [`${it} has a wildcard`] : []),
      ...(it.startsWith('iam:') ? [`${it} is of IAM itself`] : []),
    ]),
  ];
};

/** The statements of a policy document, wherever it stands. */
export const statementsIn = (value: unknown): object[] => {
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value && Array.isArray(value.Statement)) return value.Statement;
  return Object.values(value).flatMap(statementsIn);
};

export const resourcesFor = (statements: Statement[], action: RegExp): string[] => {
  return statements.filter((it) => actionsOf(it).some((one) => action.test(one))).flatMap(resourcesOf);
};

export const resourcesWithWildcard = (statements: Statement[]): string[] => {
  return [...new Set(statements.flatMap(resourcesOf).filter((it) => it !== '*' && /[*?]/.test(it)))].sort();
};

export const trustOf = ({ AssumeRolePolicyDocument }: Record<string, unknown>): object[] => {
  return (AssumeRolePolicyDocument as { Statement: object[] }).Statement;
};

export const actionsOf = ({ Action }: Statement): string[] => {
  return list(Action);
};

export const resourcesOf = ({ Resource }: Statement): string[] => {
  return list(Resource);
};

const list = (value: string | string[]): string[] => {
  return [value].flat();
};

/** Characters as IAM counts them, names that only AWS knows taken as long ones. */
export const size = (document: unknown): number => {
  return JSON.stringify(document).replaceAll(/<[^>]+>/g, 'x'.repeat(120)).length;
};

/** Prefixes of the ledger's keys that a role may touch, by action. */
export const keysOf = (statements: Statement[]): Record<string, unknown> =>
  Object.fromEntries(
    statements
      .filter((it) => actionsOf(it).some((action) => action.startsWith('dynamodb:')))
      .flatMap((it) => {
        const { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } = {} } = (it.Condition ?? {}) as Record<
          string,
          Record<string, unknown>
        >;
        return actionsOf(it).map((action) => [action, [keys].flat()]);
      }),
  );

/** What every function may do for its own log and for traces. */
export const logAndTrace = [
  ...['logs:CreateLogStream', 'logs:PutLogEvents'],
  ...['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
];
