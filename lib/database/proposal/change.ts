import { make } from './make.ts';
import { columnOf, type Objects, type Thing, thingOf } from './parts.ts';
import { remove } from './remove.ts';

/** SQL that makes a thing what it is to be, wherever it is another; null where that has to be written by hand. */
export const change = (object: string, current: Objects, target: Objects): string[] | null => {
  const [from, to] = [thingOf(object, current), thingOf(object, target)];
  switch (to.kind) {
    case 'column':
      return column(from, to, target);
    case 'index': {
      const [gone, made] = [remove(from, current), make(to, target, current)];
      return gone && made && [...gone, ...made];
    }
    case 'row level security of table': {
      const [gone, made] = [remove(from, current), make(to, target, current)];
      return gone && made && [...gone, ...made];
    }
    case 'default of column':
    case 'constraint':
    case 'view':
    case 'function':
    case 'procedure':
    case 'trigger':
    case 'comment on':
      return make(to, target, current);
    default:
      return null;
  }
};

const column = (from: Thing, to: Thing, target: Objects): string[] | null => {
  if (/^(view|materialized view) /.test(target.get(to.object)?.parent ?? '')) return [];
  const [before, after] = [columnOf(from.text), columnOf(to.text)];
  if (before === null || after === null) return null;
  if (before.identity !== after.identity || before.generated !== after.generated) return null;
  const alter = `ALTER TABLE ${to.of} ALTER COLUMN ${to.name}`;
  const retyped = before.type !== after.type || before.collation !== after.collation;
  const collation = after.collation === undefined ? '' : ` COLLATE ${after.collation}`;
  return [
    ...(retyped ? [`${alter} TYPE ${after.type}${collation} USING ${to.name}::${after.type}`] : []),
    ...(before.notNull === after.notNull ? [] : [`${alter} ${after.notNull ? 'SET' : 'DROP'} NOT NULL`]),
  ];
};
