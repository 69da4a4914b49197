import type pg from 'pg';
import { AwsError } from '../protocol/aws-error.ts';
import type { Switches } from './switches.ts';

/**
 * PostgreSQL's error in the Data API's one line: `ERROR: …; Hint: …; Position: 15; SQLState: 42P01`.
 * It says ERROR even for what PostgreSQL calls FATAL, as for a database that doesn't exist.
 */
export const databaseError = (error: pg.DatabaseError, { errorDetail, errorWhere }: Switches) => {
  if (error.code === '42601' && error.message === MULTIPLE) {
    return new AwsError('ValidationException', "Multistatements aren't supported.");
  }
  const parts = [
    `ERROR: ${error.message}`,
    errorDetail && error.detail && `Detail: ${error.detail}`,
    error.hint && `Hint: ${error.hint}`,
    errorWhere && error.where && `Where: ${error.where}`,
    error.position && `Position: ${error.position}`,
    `SQLState: ${error.code}`,
  ];
  return new AwsError('DatabaseErrorException', parts.filter(Boolean).join('; '));
};

/** The server's own words for a second statement in one Parse message. */
const MULTIPLE = 'cannot insert multiple commands into a prepared statement';

export const databaseUnavailable = () => new AwsError('DatabaseUnavailableException', '', 504);

/** PostgreSQL doesn't take the secret's user and password; nothing was run. */
export const loginRefused = (error: pg.DatabaseError, switches: Switches) => {
  const told = databaseError(error, switches);
  return switches.refusedLogin === told.name ? told : new AwsError(switches.refusedLogin, told.message);
};
