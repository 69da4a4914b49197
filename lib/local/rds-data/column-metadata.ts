import type { ColumnType } from './column-types.ts';
import type { Session } from './session.ts';
import type { Column } from './statement.ts';

/** `columnMetadata`; what a table says of a column is looked up on the session that ran the statement. */
export const columnMetadata = async (session: Session, columns: Column[], types: Map<number, ColumnType>) => {
  const origins = await tableColumns(session, columns);
  return columns.map((column) => {
    const type = types.get(column.typeId)!;
    const origin = origins.get(`${column.tableId}.${column.columnId}`);
    return {
      name: column.name,
      label: column.name,
      type: type.code,
      // A serial column is told by its declaration, which PostgreSQL itself forgets.
      typeName: origin?.serial ? (SERIAL[type.name] ?? type.name) : type.name,
      schemaName: origin?.schema ?? '',
      tableName: origin?.table ?? '',
      isAutoIncrement: origin?.serial || origin?.identity || false,
      isSigned: !type.element && ['long', 'double', 'decimal'].includes(type.kind) && type.name !== 'oid',
      isCurrency: false,
      isCaseSensitive: type.kind === 'string' && type.name !== 'uuid',
      nullable: origin?.nullable ? 1 : 0,
      ...size(type, column.modifier),
      arrayBaseColumnType: type.element?.code ?? 0,
    };
  });
};

const SERIAL: Record<string, string> = { int2: 'smallserial', int4: 'serial', int8: 'bigserial' };

type Origin = { schema: string; table: string; nullable: boolean; identity: boolean; serial: boolean };

const tableColumns = async (session: Session, columns: Column[]) => {
  const wanted = columns.filter(({ tableId, columnId }) => tableId > 0 && columnId > 0);
  const origins = new Map<string, Origin>();
  if (wanted.length === 0) return origins;
  const pairs = wanted.map(({ tableId, columnId }) => `(${tableId}, ${columnId})`).join(', ');
  const { rows } =
    await session.run(`SELECT a.attrelid, a.attnum, n.nspname, c.relname, a.attnotnull, a.attidentity <> '',
      coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE (a.attrelid, a.attnum) IN (${pairs})`);
  for (const [table, column, schema, name, notNull, identity, serial] of rows) {
    origins.set(`${table}.${column}`, {
      schema: schema!,
      table: name!,
      nullable: notNull === 'f',
      identity: identity === 't',
      serial: serial === 't',
    });
  }
  return origins;
};

/** Out of PostgreSQL's type modifier: numeric(p, s), varchar(n), char(n). */
const size = (type: ColumnType, modifier: number) => {
  if (modifier < 4) return { precision: type.precision, scale: 0 };
  if (type.name === 'numeric') return { precision: ((modifier - 4) >> 16) & 0xffff, scale: (modifier - 4) & 0x7ff };
  if (type.name === 'varchar' || type.name === 'bpchar') return { precision: modifier - 4, scale: 0 };
  return { precision: type.precision, scale: 0 };
};
