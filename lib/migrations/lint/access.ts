import { altering, dotted, each, type Finder, type Look, nameOf, ofKind, option, type Tree } from './tree.ts';

/** Rules about rights and secrets. */
export const accessRules = {
  'grant-to-public': ofKind(['GrantStmt', 'AlterDefaultPrivilegesStmt'], ({ tree }) => {
    const { is_grant, grantees = [] } = tree.action ?? tree;
    const everybody = grantees.find(({ RoleSpec }: Tree) => RoleSpec.roletype === 'ROLESPEC_PUBLIC');
    return is_grant && everybody ? [{ at: everybody.RoleSpec.location }] : [];
  }),

  'secret-in-file': each((look) => {
    const told =
      PASSWORDS[look.kind]?.(look.tree) ?? (KEYS.find(([pattern]) => pattern.test(look.statement.sql)) ?? [])[1];
    return told ? [{ of: told }] : [];
  }),

  'unsafe-definer': ofKind('CreateFunctionStmt', ({ tree }) => {
    const definer = option(tree.options, 'security')?.arg.Boolean.boolval === true;
    const paths = (tree.options as Tree[]).some(({ DefElem }) => DefElem.arg?.VariableSetStmt?.name === 'search_path');
    return definer && !paths ? [{ of: dotted({ List: { items: tree.funcname } }) }] : [];
  }),

  'mighty-role': ofKind(['CreateRoleStmt', 'AlterRoleStmt', 'GrantRoleStmt'], ({ kind, tree }) => {
    if (kind !== 'GrantRoleStmt') {
      const given = MIGHT.some((name) => option(tree.options, name)?.arg?.Boolean?.boolval === true);
      return given ? [{ of: tree.role?.RoleSpec?.rolename ?? tree.role?.rolename ?? tree.role }] : [];
    }
    const mighty =
      tree.is_grant && tree.granted_roles.some(({ AccessPriv }: Tree) => MIGHTY.test(AccessPriv.priv_name));
    return mighty
      ? [{ of: tree.grantee_roles.map(({ RoleSpec }: Tree) => RoleSpec.rolename ?? 'a role').join(', ') }]
      : [];
  }),

  'row-security-off': altering((action, table) =>
    ['AT_DisableRowSecurity', 'AT_NoForceRowSecurity'].includes(action.subtype) ? [{ of: nameOf(table) }] : [],
  ),

  'trigger-off': altering((action, table) => (/^AT_DisableTrig/.test(action.subtype) ? [{ of: nameOf(table) }] : [])),
} satisfies Record<string, Finder>;

const MIGHT = ['superuser', 'createrole', 'createdb', 'bypassrls', 'isreplication'];
const MIGHTY = /^(rds_superuser|rds_replication|pg_(execute_server_program|(read|write)_server_files))$/;

const given = (options: Tree[] | undefined, names: RegExp): Tree =>
  (options ?? []).find(({ DefElem }) => names.test(DefElem?.defname) && DefElem.arg?.String?.sval)?.DefElem;

const password = ({ options }: Tree) => given(options, /^password$/i) && 'a password';
const connection = ({ conninfo }: Tree) => (/\bpassword\s*=/i.test(conninfo ?? '') ? 'a password' : undefined);

const PASSWORDS: Record<string, (tree: Look['tree']) => string | undefined> = {
  CreateRoleStmt: password,
  AlterRoleStmt: password,
  CreateUserMappingStmt: password,
  AlterUserMappingStmt: password,
  CreateForeignServerStmt: password,
  CreateSubscriptionStmt: connection,
  AlterSubscriptionStmt: connection,
};

/** What secrets of well-known makers look like. */
const KEYS: [RegExp, string][] = [
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\bxox[abpr]-[0-9A-Za-z-]{20,}/, 'a Slack token'],
  [/\bgh[pousr]_[0-9A-Za-z]{36}\b/, 'a GitHub token'],
  [/\bpostgres(ql)?:\/\/[^\s:@/']+:[^\s@/']+@/i, 'a connection string with a password'],
];
