import { literal } from './literal.ts';
import { SCHEMA_VERSION } from './schema-version.ts';
import { atWork, LOCK } from './sql/admission.ts';
import { guard, rowCounts, verify } from './sql/integrity.ts';
import { baseline, resolutionTable, resolve } from './sql/resolution.ts';
import { applySegment, runSegments } from './sql/segment.ts';
import { beginStep, doubtStep, endStep, leaveStep, withdrawStep } from './sql/step.ts';
import { upgrade } from './sql/upgrade.ts';

/**
 * One statement that installs or upgrades Lockstep's own schema in a database. Safe to repeat.
 *
 * A `DO` block, because the Data API takes one statement a call, and made of plain literals only, because its scanner
 * for `:name` reads into dollar quotes. Raises `55P03` when someone else is installing: waiting for a lock in a
 * database where `CREATE INDEX CONCURRENTLY` runs would deadlock with it.
 */
export const install = (): string =>
  `DO ${literal(`BEGIN
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RAISE EXCEPTION 'another run is at work in this database' USING ERRCODE = 'lock_not_available';
  END IF;
  PERFORM set_config('client_min_messages', 'warning', true), set_config('check_function_bodies', 'off', true);
${executed([...tables, resolutionTable])}
${upgrade}
${executed([atWork, resolve, baseline, rowCounts, guard, verify, applySegment, runSegments, beginStep, endStep, withdrawStep, leaveStep, doubtStep, comment])}
END`)}`;

const executed = (statements: string[]): string =>
  statements.map((statement) => `  EXECUTE ${literal(statement)};`).join('\n');

const tables = [
  'CREATE SCHEMA IF NOT EXISTS lockstep',
  `CREATE TABLE IF NOT EXISTS lockstep.history (
    migration   text PRIMARY KEY,
    position    integer NOT NULL,
    ordinal     bigint NOT NULL,
    name        text NOT NULL,
    checksum    text NOT NULL,
    mode        text NOT NULL CHECK (mode IN ('transactional', 'stepwise')),
    state       text NOT NULL CHECK (state IN ('applied', 'failed', 'in doubt', 'running', 'reverting', 'reverted')),
    step        integer NOT NULL DEFAULT 0,
    prefix      text,
    intent      jsonb,
    timings     jsonb NOT NULL DEFAULT '[]',
    failure     jsonb,
    run         text NOT NULL,
    token       bigint NOT NULL,
    applied_by  text NOT NULL DEFAULT current_user,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
  )`,
  `CREATE TABLE IF NOT EXISTS lockstep.fence (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    token    bigint NOT NULL,
    run      text NOT NULL
  )`,
  `INSERT INTO lockstep.fence (token, run) VALUES (0, '') ON CONFLICT DO NOTHING`,
];

const comment = `COMMENT ON SCHEMA lockstep IS 'Lockstep ${SCHEMA_VERSION}: which migrations this database has. Never edit it by hand.'`;
