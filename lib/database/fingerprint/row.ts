/** One kind of thing in a schema; all values but `catalog` are SQL expressions over `from`. */
type Row = {
  /** What it is and its name, as a person would say it. */
  object: string;
  /** The `object` without which this one can't be. */
  parent?: string;
  definition: string;
  /** Where comments and security labels find it: its catalog, its oid, and its column's number. */
  at?: { catalog: string; oid: string; column?: string };
  /** Its access control list; `type` as `acldefault` takes it. */
  acl?: { type: string; list: string; owner: string };
  from: string;
};

/** SQL of a query that gives one row for each thing of a kind, in the columns that `things` have. */
export const row = ({ object, parent = 'NULL', definition, at, acl, from }: Row): string =>
  `SELECT ${object} AS object, ${parent} AS parent, (${definition}) AS definition,
    ${at ? `${catalog(at.catalog)}, ${at.oid}, ${at.column ?? 0}` : '0, 0, 0'}, ${acl ? `${acl.type}::text, ${acl.list}, ${acl.owner}` : 'NULL, NULL::aclitem[], 0'}
  FROM ${from}`;

/**
 * A condition: the thing came with no extension and is not the cloud provider's own. A hashed subquery: the planner
 * knows nothing of a fresh database's catalogs, and a join could become one of all with all.
 */
export const made = (inCatalog: string, oid: string, owner?: string): string =>
  `${oid} NOT IN (SELECT m.objid FROM members m WHERE m.classid = ${catalog(inCatalog)})${owner ? ` AND ${owner} <> (SELECT vendor FROM pinned)` : ''}`;

/** A condition: the schema is one that migrations fill. */
export const inside = (namespace: string): string => `${namespace} NOT IN (SELECT s.oid FROM strange s)`;

/** A thing's qualified name. */
export const qualified = (namespace: string, itsName: string): string =>
  `${namespace}::regnamespace::text || '.' || quote_ident(${itsName})`;

export const schema = (namespace: string): string => `'schema ' || ${namespace}::regnamespace::text`;

export const catalog = (name: string): string => `'pg_catalog.${name}'::regclass`;

/** The elements of an array of texts in an order that does not depend on the server's collation. */
export const sorted = (array: string): string =>
  `CASE WHEN ${array} IS NOT NULL THEN (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(${array}) o) END`;

/** Options of foreign data wrappers and what they serve; of those that look like a secret, the name only. */
export const options = (array: string): string =>
  `CASE WHEN ${array} IS NOT NULL THEN (SELECT string_agg(CASE WHEN split_part(o, '=', 1) ~* 'pass|secret|token|key|credential' THEN split_part(o, '=', 1) ELSE o END, ', ' ORDER BY o COLLATE "C")
     FROM unnest(${array}) o) END`;

/** A role by name; the thing's owner only as such, since that name says nothing of the schema. */
export const role = (oid: string, owner: string): string =>
  `(CASE ${oid} WHEN 0 THEN 'public' WHEN ${owner} THEN 'the owner' ELSE pg_get_userbyid(${oid})::text END COLLATE "C")`;

/** An object's name by its oid, or nothing for 0. The search path is empty, so it is a qualified one. */
export const name = (oid: string, type: string): string => `nullif(${oid}::oid, 0)::${type}::text`;

/** Joins a list of SQL expressions with spaces, leaving out what is null. */
export const words = (...expressions: string[]): string => `concat_ws(' ', ${expressions.join(', ')})`;
