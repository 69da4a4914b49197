import { inside, role, schema } from './row.ts';

/**
 * SQL of an access control list as text: each grantee with its privileges, in an order of its own; null when empty.
 *
 * All that can be granted on a table is written as one word, since PostgreSQL 17 has a privilege more (MAINTAIN).
 * `excepting` is a condition on `x`, a row of aclexplode, for what is left out.
 */
export const privileges = (acl: string, owner: string, excepting = 'false'): string =>
  `(SELECT string_agg(y.line, '; ' ORDER BY y.line) FROM (
    SELECT ${role('x.grantee', owner)} || ' ' || string_agg(DISTINCT x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ', ')
        FILTER (WHERE x.privilege_type <> 'MAINTAIN' OR x.others < 7) AS line
      FROM (SELECT e.*, count(*) FILTER (WHERE e.privilege_type <> 'MAINTAIN') OVER (PARTITION BY e.grantee) AS others
        FROM (SELECT DISTINCT grantee, privilege_type, is_grantable FROM aclexplode(${acl})) e) x
      WHERE NOT (${excepting}) GROUP BY x.grantee) y)`;

/**
 * Grants on `things` that have other than the default ones. Everybody may create in a public schema of before
 * PostgreSQL 15, and nobody since: not looked at there, so that a fleet on both sides of that line can be equal.
 */
export const grants =
  (): string => `SELECT 'grants on ' || t.object AS object, t.object AS parent, ${granted} AS definition
  FROM pinned, things t WHERE t.acl IS NOT NULL AND ${granted} IS DISTINCT FROM ${privileges('acldefault(t.acltype::"char", t.owner)', 't.owner')}`;

const granted = privileges(
  't.acl',
  't.owner',
  `t.object = 'schema public' AND x.grantee = 0 AND x.privilege_type = 'CREATE' AND pinned.version < 150000`,
);

/** Those of the database's owner and of who is asking go without the role's name, which is another in every database. */
export const defaultPrivileges =
  (): string => `SELECT object, NULL::text AS parent, string_agg(definition, '; ' ORDER BY definition) AS definition FROM (
    SELECT 'default privileges for ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END
          || CASE d.defaclnamespace WHEN 0 THEN '' ELSE ' in ' || ${schema('d.defaclnamespace')} END || CASE WHEN d.defaclrole IN (pinned.datdba, current_user::regrole) THEN '' ELSE ' made by ' || pg_get_userbyid(d.defaclrole) END AS object,
        coalesce(${privileges('d.defaclacl', 'd.defaclrole')}, '') AS definition
      FROM pinned, pg_default_acl d
      WHERE ${inside('d.defaclnamespace')} AND d.defaclrole <> pinned.vendor) d GROUP BY object`;
