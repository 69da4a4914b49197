import type { Clock } from './clock.ts';
import type { FaultPlan } from './faults/plan.ts';
import type { Invoked } from './lambda/functions.ts';
import type { Neighbourhood } from './neighbours.ts';
import type { RdsOptions } from './rds/rds.ts';
import type { OpenSession } from './rds-data/session.ts';
import type { Place } from './service.ts';
import type { SwitchPlan } from './switches-variable.ts';
import type { OnCall } from './watched.ts';

export type CloudOptions = {
  /** All state lives here; a cloud opened on it later finds everything. One cloud at a time. */
  directory: string;
  /** @default the machine's */
  clock?: Clock;
  /** @default any free one */
  port?: number;
  /** @default us-east-1, or AWS_REGION, in account 000000000000 */
  place?: Partial<Place>;
  /** Other accounts, which are clouds opened with the same. @default there are none */
  neighbours?: Neighbourhood;
  /** What is to go wrong with calls. @default what LOCKSTEP_FAULTS says, or nothing */
  faults?: FaultPlan;
  /** What is answered otherwise where AWS's own answer is unknown. @default what LOCKSTEP_SWITCHES says, or nothing */
  switches?: Partial<SwitchPlan>;
  /** How RDS takes its time, what its quotas are, and what stands in for PostgreSQL. @default as in {@link RdsOptions} */
  rds?: Omit<RdsOptions, 'place' | 'clock' | 'directory' | 'secrets'>;
  /** How many children a distributed map starts in a second. @default any number */
  childrenPerSecond?: number;
  /** What an invocation of a function lasts by the clock, beyond its process's own work. @default nothing */
  lasts?: (it: Invoked) => number;
  /** What answers where PostgreSQL would. @default PostgreSQL */
  openSession?: OpenSession;
  /** Told of every call that a service was asked to carry out, and of what it answered. */
  onCall?: OnCall;
  /** Told what nobody waits for: failures of asynchronous events and of functions behind an API. */
  log?: (line: string) => void;
};
