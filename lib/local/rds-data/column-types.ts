import type { Session } from './session.ts';

/** How a value is rendered; `unsupported` types can't be in a result at all. */
export type Kind =
  | 'long'
  | 'double'
  | 'decimal'
  | 'boolean'
  | 'bit'
  | 'blob'
  | 'string'
  | 'infinite'
  | 'utc'
  | 'void'
  | 'unsupported';

export type ColumnType = {
  name: string;
  kind: Kind;
  /** The code in java.sql.Types, as the Data API's metadata has it. */
  code: number;
  precision: number;
  /** Set for arrays: the element's type. */
  element?: ColumnType;
};

/** The types of these OIDs: PostgreSQL's own out of a table, others looked up on the session and remembered there. */
export const columnTypes = async (session: Session, ids: number[]): Promise<Map<number, ColumnType>> => {
  const known = session.known as Map<number, ColumnType>;
  const missing = ids.filter((id) => !BUILT_IN.has(id) && !known.has(id));
  if (missing.length > 0) {
    const { rows } = await session.run(
      `SELECT oid, typname, typtype FROM pg_catalog.pg_type WHERE oid IN (${missing.join(', ')})`,
    );
    for (const [id, name, type] of rows) known.set(Number(id), looked(name!, type!));
  }
  return new Map(ids.map((id) => [id, BUILT_IN.get(id) ?? known.get(id) ?? unsupported(String(id))]));
};

const scalar = (name: string, kind: Kind, code: number, precision = UNBOUNDED): ColumnType => ({
  name,
  kind,
  code,
  precision,
});
const UNBOUNDED = 2_147_483_647;
const unsupported = (name: string) => scalar(name, 'unsupported', 1111);

/** Enums come as strings, and so does pgvector's type, which has no OID of its own until its extension is there. */
const looked = (name: string, type: string) => {
  if (type === 'e') return scalar(name, 'string', 12);
  return name === 'vector' ? scalar(name, 'string', 1111) : unsupported(name);
};

/** OID, array's OID (0: arrays of it aren't supported), type. The list of what is supported: Aurora User Guide, "Data API operations". */
const TYPES: [number, number, ColumnType][] = [
  [16, 1000, scalar('bool', 'boolean', -7, 1)],
  [17, 0, scalar('bytea', 'blob', -2)],
  [19, 1003, scalar('name', 'string', 12)],
  [20, 1016, scalar('int8', 'long', -5, 19)],
  [21, 1005, scalar('int2', 'long', 5, 5)],
  [23, 1007, scalar('int4', 'long', 4, 10)],
  [25, 1009, scalar('text', 'string', 12)],
  [26, 1028, scalar('oid', 'long', -5, 10)],
  [114, 199, scalar('json', 'string', 1111)],
  [650, 0, scalar('cidr', 'string', 1111)],
  [700, 1021, scalar('float4', 'double', 7, 8)],
  [701, 1022, scalar('float8', 'double', 8, 17)],
  [869, 0, scalar('inet', 'string', 1111)],
  [1042, 1014, scalar('bpchar', 'string', 1)],
  [1043, 1015, scalar('varchar', 'string', 12)],
  [1082, 1182, scalar('date', 'infinite', 91, 13)],
  [1083, 1183, scalar('time', 'string', 92, 15)],
  [1114, 1115, scalar('timestamp', 'infinite', 93, 29)],
  [1184, 1185, scalar('timestamptz', 'utc', 93, 35)],
  [1700, 1231, scalar('numeric', 'decimal', 2, 0)],
  [2278, 0, scalar('void', 'void', 1111)],
  [2950, 2951, scalar('uuid', 'string', 1111)],
  [3802, 3807, scalar('jsonb', 'string', 1111)],
];

const BUILT_IN = new Map<number, ColumnType>(
  TYPES.flatMap(([id, arrayId, type]) => [
    [id, type] as const,
    [arrayId, { ...scalar(`_${type.name}`, type.kind, 2003), element: type }] as const,
  ]),
);
// bit is supported in arrays only.
BUILT_IN.set(1561, { ...scalar('_bit', 'bit', 2003), element: scalar('bit', 'bit', -7, 1) });
BUILT_IN.delete(0);
