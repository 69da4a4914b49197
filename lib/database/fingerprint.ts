import { defaultPrivileges, grants } from './fingerprint/access.ts';
import { dataTypes } from './fingerprint/data-types.ts';
import { outside } from './fingerprint/outside.ts';
import { plainCalls } from './fingerprint/plain-calls.ts';
import { plainNames } from './fingerprint/plain-names.ts';
import { programs } from './fingerprint/programs.ts';
import { catalog } from './fingerprint/row.ts';
import { search } from './fingerprint/search.ts';
import { sources } from './fingerprint/sources.ts';
import { columns, tables } from './fingerprint/tables.ts';

/**
 * Common table expressions, to go after `WITH`, the last of which is `objects (object, parent, definition)`: one row
 * for each thing in a database that a migration can make, named and described by what it is, and never by oid, owner,
 * data, or order of creation (so not by the order of a table's columns either).
 *
 * Left out: Lockstep's own schema, what extensions brought along and their versions, what belongs to Aurora's `rdsadmin`
 * (unless that is who asks), settings of the database and of roles, subscriptions, and the options of user mappings.
 *
 * Equal for equal schemas on PostgreSQL 13 to 18, except where the versions really differ, or write differently what
 * can't be told apart by pattern:
 * - `EXTRACT` is a function of another type since 14 (`date_part` before), also in an index's automatic name;
 * - `NORMALIZE` and `IS NORMALIZED`, written as calls in 13;
 * - the standard's own call syntax (`AT TIME ZONE`, `TRIM` …) nested deeper than {@link plainCalls} goes, in 13;
 * - the name of a view's column that is a truth value and was given none (`bool` before 15, `?column?` since);
 * - names that are keywords in some versions only, in the arguments and results of routines.
 *
 * To be equal, it is blind to three things: whether everybody may create in schema public (before 15), whether a role
 * with all other privileges on a table may maintain it, and which of a partition's columns are identities.
 */
export const schemaObjects = (): string => `${sources()},
  things AS MATERIALIZED (
    SELECT q.* FROM (${[...outside(), ...tables(), ...columns(), ...programs(), ...dataTypes(), ...search()].join('\nUNION ALL\n')}) q (object, parent, definition, classid, objid, objsubid, acltype, acl, owner)
  ),
  written AS (
    SELECT object, parent, CASE WHEN classid = ${catalog('pg_proc')} THEN definition WHEN objsubid <> 0 THEN ${plainNames('definition')}
        ELSE ${plainNames('spelt')} END AS definition
      FROM things, LATERAL (SELECT CASE WHEN objsubid <> 0 OR classid = ${catalog('pg_proc')} THEN NULL ELSE ${plainCalls('definition')} END AS spelt OFFSET 0) s
    UNION ALL ${grants()}
    UNION ALL ${defaultPrivileges()}
    UNION ALL
    -- What came with the server is commented, too, and there is much of it: of that only schema public is one of the things.
    SELECT 'comment on ' || t.object, t.object, d.description FROM things t JOIN pg_description d ON d.classoid = t.classid AND d.objoid = t.objid AND d.objsubid = t.objsubid
      WHERE t.classid <> 0 AND (d.objoid >= 16384 OR d.classoid = ${catalog('pg_namespace')}) AND d.description <> 'standard public schema'
    UNION ALL
    SELECT l.provider || ' label on ' || t.object, t.object, l.label FROM things t JOIN pg_seclabel l ON l.classoid = t.classid AND l.objoid = t.objid AND l.objsubid = t.objsubid
      WHERE t.classid <> 0
  ),
  objects AS MATERIALIZED (SELECT ${plainNames('object')} AS object, ${plainNames('parent')} AS parent, definition FROM written)`;

/** SQL of a text's SHA-256 in hex. */
export const hashOf = (text: string): string => `encode(sha256(convert_to(coalesce(${text}, ''), 'UTF8')), 'hex')`;

const line = `object || E'\\t' || coalesce(definition, '')`;

/** SQL of a whole schema's fingerprint, over {@link schemaObjects}. */
export const fingerprint = `(SELECT ${hashOf(`string_agg(${line}, E'\\n' ORDER BY (${line}) COLLATE "C")`)} FROM objects)`;
