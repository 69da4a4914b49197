import type { Marker } from './markers.ts';
import type { Problem } from './problem.ts';
import type { Token } from './scan.ts';
import { problemAt, type Source } from './source.ts';

/** A marker, and where in the body it stands. */
export type Place = { marker: Marker; start: number; end: number; text: string };

export const isSql = ({ kind }: Token): boolean => kind !== 'comment' && kind !== ';';

export const wrongOnes = (of: Source, found: Place[]): Problem[] =>
  found.flatMap(({ marker, start }) =>
    marker.is === 'wrong' ? [problemAt(of, start, marker.message, marker.remedy)] : [],
  );

/** Markers that can't all be meant. */
export const contradictions = (of: Source, split: Place[]): Problem[] => {
  const [first] = split;
  const other = split.find(({ marker }) => marker.tool !== first?.marker.tool);
  if (first && other) {
    const remedy = `keep the markers of one of the two`;
    return [
      problemAt(
        of,
        other.start,
        `${other.text} is ${other.marker.tool}'s, ${first.text} is ${first.marker.tool}'s`,
        remedy,
      ),
    ];
  }
  const ups = split.filter(({ marker }) => marker.is === 'up');
  const downs = split.filter(({ marker }) => marker.is !== 'up');
  const twice = [ups[1], downs[1]].filter((place) => place !== undefined);
  if (twice.length > 0) {
    const remedy = 'a file has one up and at most one down: put what belongs together under one marker';
    return twice.map((place) => problemAt(of, place.start, `${place.text} stands here a second time`, remedy));
  }
  if (ups[0] && downs[0] && downs[0].start < ups[0].start) {
    const remedy = 'put the up first and the down below it';
    return [problemAt(of, downs[0].start, `${downs[0].text} stands before ${ups[0].text}`, remedy)];
  }
  return [];
};

/** They say where a statement ends; PostgreSQL's own parser knows that by itself. But one left open hides a mistake. */
export const statementBlocks = (of: Source, found: Place[]): Problem[] => {
  let open: Place | undefined;
  for (const place of found) {
    const { is } = place.marker;
    const { start, text } = place;
    if (is === 'begin') {
      if (open) return [problemAt(of, start, `${text} stands within another`, 'end the first one before it')];
      open = place;
    }
    if (is === 'end') {
      if (!open) return [problemAt(of, start, `${text} ends nothing`, 'take it out, or begin above what it ends')];
      open = undefined;
    }
    if (open && (is === 'up' || is === 'down')) break;
  }
  return open ? [problemAt(of, open.start, `${open.text} is not ended`, 'end it behind its statement')] : [];
};

/** Whatever stands above the up is run by no tool, or by mistake. */
export const strayBefore = (of: Source, tokens: Token[], up: Place): Problem[] => {
  const stray = tokens.find(isSql);
  if (!stray || stray.start > up.start) return [];
  const remedy = `move it below ${up.text}`;
  return [problemAt(of, stray.start, `this stands above ${up.text}, and so belongs to no part`, remedy)];
};

export const downAlone = (of: Source, { start, text }: Place): Problem =>
  problemAt(
    of,
    start,
    `${text} has no up above it`,
    'mark what brings the migration in, too; or word this comment otherwise',
  );
