import { APART, alikeInWords, moment } from '../fleet/drift/in-words.ts';
import type { DriftReport, Finding } from '../fleet/drift/report.ts';
import { painter, type Style } from './output.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

/** What a check has found, object by object. */
export const driftView = (report: DriftReport, colours: boolean): string => {
  const paint = painter(colours);
  const { environment, findings, problems, atWork, endedAt } = report;
  return [
    `${paint(findings.length === 0 ? 'green' : 'bold', alikeInWords(report))} in ${told(environment)}, ${moment(endedAt)}.`,
    ...(atWork === null
      ? []
      : [`A run is at work (${told(atWork)}): which database lacks which migrations is not told.`]),
    ...problems.map((it) => `${paint('yellow', '!')} ${told(it)}`),
    ...findings.map((it) => `\n${findingView(it, environment, paint)}`),
  ].join('\n');
};

const MOST_DATABASES = 10;

const findingView = (it: Finding, environment: string, paint: ReturnType<typeof painter>): string => {
  const { kind, databases, objects, count, why, run, like } = it;
  const names = databases.slice(0, MOST_DATABASES).map(({ database }) => told(database));
  const more = databases.length > names.length ? ` and ${databases.length - names.length} more` : '';
  const [first] = databases;
  const fixable = ['changed', 'different', 'apart'].includes(kind) && objects !== null;
  const [accept, mend] =
    kind === 'apart' ? ['to have all like it:  ', 'to have it like them: '] : ['to accept it: ', 'to mend it:   '];
  return [
    `${paint('red', '✗')} ${paint('bold', HEADS[kind])} in ${counted(databases.length, 'database')}: ${names.join(', ')}${more}`,
    ...(kind === 'unreadable' ? [] : [`  ${since(it)}${whose(kind, run, like)}`]),
    ...(why ? [`  ${told(why)}`] : []),
    ...(objects ?? []).flatMap((one) => objectView(one, kind === 'apart', paint)),
    ...(count > (objects?.length ?? 0) ? [`  and ${count - (objects?.length ?? 0)} objects more`] : []),
    ...(fixable
      ? [
          paint('dim', `  ${accept}lockstep drift accept ${environment} ${first?.database}`),
          paint('dim', `  ${mend}lockstep drift repair ${environment} ${first?.database}`),
        ]
      : []),
  ].join('\n');
};

const HEADS: Record<Finding['kind'], string> = {
  changed: 'changed without a migration',
  different: 'unlike others with the same migrations',
  apart: `unlike ${APART},`,
  migrations: 'other migrations than the others',
  unreadable: "can't be looked at",
};

const since = ({ databases }: Finding): string => {
  const after = databases.flatMap(({ after }) => after ?? []).toSorted()[0];
  const seen = databases.map(({ seen }) => seen).toSorted()[0] ?? '';
  return after === undefined ? `seen since ${moment(seen)}` : `between ${moment(after)} and ${moment(seen)}`;
};

const whose = (kind: Finding['kind'], run: string | null, like: string | null): string => {
  if (kind === 'changed') return run === null ? '' : `; run ${told(run)} left it as expected`;
  return like === null ? '' : `; held against ${told(like)}`;
};

type FoundObject = NonNullable<Finding['objects']>[number];

const SIGNS: Record<FoundObject['is'], [sign: string, style: Style]> = {
  missing: ['-', 'red'],
  'not expected': ['+', 'green'],
  different: ['~', 'yellow'],
};

/** Of those apart neither is what is expected of the other. */
const objectView = (it: FoundObject, apart: boolean, paint: ReturnType<typeof painter>): string[] => {
  const [sign, style] = SIGNS[it.is];
  return [
    `  ${paint(style, `${sign} ${told(it.object)}`)}  ${apart ? ONLY[it.is] : it.is}`,
    ...definition(apart ? 'there' : 'expected', it.expected),
    ...definition(apart ? 'here' : 'found', it.found),
  ];
};

const ONLY: Record<FoundObject['is'], string> = {
  missing: 'only there',
  'not expected': 'only here',
  different: 'different',
};

const MOST_LINES = 20;

const definition = (label: string, text: string | null): string[] => {
  if (text === null || text === '') return [];
  const lines = text.split(/\r?\n/);
  const [head = '', ...rest] = lines.slice(0, MOST_LINES).map((line) => told(line.trimEnd()));
  return [
    `      ${`${label}:`.padEnd(10)}${head}`,
    ...rest.map((line) => `                ${line}`),
    ...(lines.length > MOST_LINES ? [`                … ${lines.length - MOST_LINES} lines more`] : []),
  ];
};
