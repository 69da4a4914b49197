import { type Marker, markerIn } from './markers.ts';
import { blanked } from './parse.ts';
import type { Problem } from './problem.ts';
import type { Token } from './scan.ts';
import {
  contradictions,
  downAlone,
  isSql,
  type Place,
  statementBlocks,
  strayBefore,
  wrongOnes,
} from './section-problems.ts';
import { position, problemAt, type Source } from './source.ts';

/** A file that holds both what brings its migration in and what takes it back, taken apart. */
export type Sections = {
  /** Each has the whole file's bytes and places; what is not its own is blank. */
  up: Source;
  down: Source | null;
  /** Byte offset in the body of the marker above the down. */
  downAt: number;
  /** Where each statement is to commit by itself. */
  stepwise: { up: boolean; down: boolean };
  problems: Problem[];
};

/**
 * Takes a file apart at the markers of other tools (see markers.ts); null where there are none that count.
 * Comments above the first marker hold for both parts. What contradicts itself is a problem: read wrongly, the down
 * would be applied right behind the up.
 * @param tokens all of the file's, comments included
 */
export const sections = (of: Source, tokens: Token[], direction: 'up' | 'down'): Sections | null => {
  const all = placed(of, tokens);
  const marked = all.some(({ marker }) => 'loose' in marker && !marker.loose);
  const found = all.filter(({ marker }) => !marked || !isLoose(marker));
  const split = found.filter(({ marker }) => marker.is === 'up' || marker.is === 'down' || marker.is === 'divider');
  const up = split.find(({ marker }) => marker.is === 'up');
  const down = split.find(({ marker }) => marker.is !== 'up');
  const follows = ({ end }: Place) => tokens.some((token) => token.start >= end && isSql(token));
  const precedes = ({ start }: Place) => tokens.some((token) => token.start < start && isSql(token));

  const heading = found.find(({ marker }) => marker.is === 'heading');
  if (split.length === 0 && heading && direction === 'up' && precedes(heading) && follows(heading))
    return wrong(of, [problemAt(of, heading.start, 'what stands below takes back what stands above', HEADING)]);
  if (direction === 'down') return inDownFile(of, up, found);
  if (!down && found.every(({ marker }) => marker.is === 'heading' || isLoose(marker))) return null;

  const problems = [
    ...wrongOnes(of, found),
    ...contradictions(of, split),
    ...statementBlocks(of, found),
    ...(up && !(down && down.start < up.start) ? strayBefore(of, tokens, up) : []),
    ...(down && !up && down.marker.is === 'down' && follows(down) ? [downAlone(of, down)] : []),
  ];
  if (problems.length > 0) return wrong(of, problems);
  const file = found.some(({ marker }) => marker.is === 'stepwise');
  const end = of.body.length;
  return {
    up: down ? { ...of, body: blanked(of.body, [down.start, end]) } : of,
    down: down ? { ...of, body: blanked(of.body, [up ? up.start : 0, down.start]) } : null,
    downAt: down?.start ?? 0,
    stepwise: { up: file || asks(up), down: file || asks(down) },
    problems: [],
  };
};

/** Markers that have their line for themselves; those which don't, and are meant as such, are wrong ones. */
const placed = (of: Source, tokens: Token[]): Place[] =>
  tokens.flatMap(({ kind, start, end }) => {
    if (kind !== 'comment') return [];
    const text = of.body.toString('utf8', start, end).trimEnd();
    const marker = markerIn(text);
    if (!marker) return [];
    const { line } = position(of, start);
    if (of.body.toString('utf8', of.lines[line - 1], start).trim() === '') return [{ marker, start, end, text }];
    if (marker.is === 'heading' || isLoose(marker)) return [];
    const message = `${text} stands behind something else in its line`;
    return [
      { marker: { tool: marker.tool, is: 'wrong', message, remedy: 'give it a line of its own' }, start, end, text },
    ];
  });

const isLoose = (marker: Marker): boolean => 'loose' in marker && marker.loose;

const asks = (place: Place | undefined): boolean =>
  place !== undefined && 'stepwise' in place.marker && place.marker.stepwise;

const wrong = (of: Source, problems: Problem[]): Sections => ({
  ...{ up: of, down: null, downAt: 0, stepwise: { up: false, down: false }, problems },
});

/** A down file may say in its head that it is one; an up has no place in it. */
const inDownFile = (of: Source, up: Place | undefined, found: Place[]): Sections | null => {
  const stepwise = found.some((it) => it.marker.is === 'stepwise' || asks(it));
  const problems = up
    ? [problemAt(of, up.start, `${up.text} stands in a down file`, 'move what it marks to the up file')]
    : wrongOnes(of, found);
  if (problems.length === 0 && !stepwise) return null;
  return { ...wrong(of, problems), stepwise: { up: stepwise, down: stepwise } };
};

const HEADING =
  'move it to a .down.sql file, mark the parts with -- migrate:up and -- migrate:down, or word this comment otherwise';
