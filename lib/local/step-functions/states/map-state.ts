import { isDistributed, type MapState } from '../asl.ts';
import { distribute } from '../distributed-map/distributed-map.ts';
import { withRetryAndCatch } from '../retry-and-catch.ts';
import { type RunStates, record, type Visit } from '../visit.ts';
import { iterate } from './inline-map.ts';

export const runMap = (visit: Visit<MapState>, runStates: RunStates) =>
  withRetryAndCatch(
    visit,
    () => (isDistributed(visit.state) ? distribute(visit) : iterate(visit, runStates)),
    () => record(visit.thread, 'MapStateFailed'),
  );
