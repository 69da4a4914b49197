import { few, phrase, printable } from '../differences-in-words.ts';
import { clip } from '../texts.ts';
import type { DriftReport, Finding } from './report.ts';

/** What a check has found, a sentence for each finding: which databases, how they deviate, since when. Bounded. */
export const findingsInWords = (findings: Finding[], most = MOST_FINDINGS): string[] => [
  ...findings.slice(0, most).map(findingInWords),
  ...(findings.length > most ? [`and ${findings.length - most} more findings`] : []),
];

const MOST_FINDINGS = 10;

/** `1 database (orders-2/initech) was changed by hand after 5 Jan 2026, 09:00 UTC: has index public.by_hand besides` */
export const findingInWords = (it: Finding): string => {
  const { databases } = it;
  const names = few(
    databases.map(({ database }) => database),
    databases.length,
    3,
  );
  const many = databases.length === 1 ? '1 database' : `${databases.length} databases`;
  const because = details(it);
  return `${many} (${names}) ${HOW[it.kind](databases.length === 1)}${since(it)}${because ? `: ${because}` : ''}`;
};

const HOW: Record<Finding['kind'], (one: boolean) => string> = {
  changed: (one) => `${one ? 'was' : 'were'} changed, though no migration has run`,
  different: (one) => `${one ? 'differs' : 'differ'} from others with the same migrations`,
  apart: (one) => `${one ? 'differs' : 'differ'} from ${APART}`,
  migrations: (one) => `${one ? 'has' : 'have'} not the migrations of the others`,
  unreadable: () => "can't be looked at",
};

/** Nobody is blamed where nobody knows. */
export const APART = 'as many others with the same migrations, and nobody can say which are right';

/** How databases of a finding deviate, object by object: `lacks index public.a, and has table public.b besides`. */
export const howInWords = (it: Finding): string => details(it);

const details = ({ objects, count, why, databases, kind }: Finding): string => {
  if (objects === null) return clip(printable(why ?? (kind === 'unreadable' ? '' : 'in what is not known')), 300);
  if (objects.length === 0) return 'it is as expected by now';
  const kinds = (['missing', 'not expected', 'different'] as const).flatMap((is) => {
    const names = objects.filter((it) => it.is === is).map(({ object }) => object);
    return names.length === 0 ? [] : [phrase(is, { count: names.length, objects: names }, databases.length === 1)];
  });
  return `${kinds.join(', and ')}${count > objects.length ? `, and ${count - objects.length} objects more` : ''}`;
};

const since = ({ databases, kind }: Finding): string => {
  if (kind === 'unreadable') return '';
  const after = databases.flatMap(({ after }) => after ?? []).toSorted()[0];
  const seen = databases.map(({ seen }) => seen).toSorted()[0] ?? '';
  return after === undefined ? ` (seen since ${moment(seen)})` : ` (between ${moment(after)} and ${moment(seen)})`;
};

/** `2026-01-05 09:00 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** `97 of 100 databases are as they should be` */
export const alikeInWords = ({ databases, alike }: Pick<DriftReport, 'databases' | 'alike'>): string =>
  databases === alike
    ? `All ${databases} databases are as they should be`
    : `${alike} of ${databases} databases are as they should be`;
