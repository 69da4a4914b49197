import { alembic } from './alembic.ts';
import { django } from './django.ts';
import { flyway } from './flyway.ts';
import { golangMigrate } from './golang-migrate.ts';
import { knex } from './knex.ts';
import { liquibase } from './liquibase.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';
import { prisma } from './prisma.ts';
import { schemaMigrations } from './schema-migrations.ts';
import type { Tool } from './tool.ts';

/** The tools whose databases can be adopted. */
export const tools = {
  flyway,
  liquibase,
  'golang-migrate': golangMigrate,
  dbmate: schemaMigrations,
  'node-pg-migrate': nodePgMigrate,
  knex,
  prisma,
  alembic,
  rails: schemaMigrations,
  django,
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;
