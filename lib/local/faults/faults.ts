import type { Clock } from '../clock.ts';
import type { AwsResponse, Service } from '../service.ts';
import { answerOf } from './answer.ts';
import { lapse } from './lapse.ts';
import { operationOf } from './operation.ts';
import type { Fault, FaultPlan } from './plan.ts';

/** Plans being carried out: they count the calls of all services that they were put around. */
export type Faults = {
  /** The fault that strikes this call, if any does: the first in the plan. Every call is to be asked about once. */
  strike(service: string, operation: string): (Fault & { holdMilliseconds: number }) | undefined;
  /** How many have struck so far. */
  injected(): number;
  /** Adds a plan, which counts calls from now on. Returns what ends it, and tells how often it has struck. */
  add(plan: FaultPlan): () => number;
};

export const faultsOf = (...plans: FaultPlan[]): Faults => {
  const all = new Set<ReturnType<typeof carriedOut>>(plans.map(carriedOut));
  let injected = 0;
  return {
    injected: () => injected,
    strike(service, operation) {
      // Each plan counts every call, also those that another one strikes.
      const [struck] = [...all].map((plan) => plan.strike(service, operation)).filter((fault) => fault !== undefined);
      if (struck) injected += 1;
      return struck;
    },
    add(plan) {
      const added = carriedOut(plan);
      all.add(added);
      return () => {
        all.delete(added);
        return added.struck();
      };
    },
  };
};

const carriedOut = ({ faults, seed = 1, holdMilliseconds = 60_000 }: FaultPlan) => {
  const calls = faults.map(() => 0);
  const chance = randomFrom(seed);
  let times = 0;
  const strikes = ({ on }: Fault, call: number): boolean => {
    if (on === undefined) return true;
    if ('nth' in on) return call === on.nth;
    return 'every' in on ? call % on.every === 0 : chance() < on.chance;
  };
  return {
    struck: () => times,
    strike(service: string, operation: string) {
      let struck: Fault | undefined;
      for (const [at, fault] of faults.entries()) {
        if (fault.service !== service || (fault.operation !== '*' && fault.operation !== operation)) continue;
        calls[at]! += 1;
        if (strikes(fault, calls[at]!)) struck ??= fault;
      }
      if (struck) times += 1;
      return struck && { ...struck, holdMilliseconds };
    },
  };
};

/** Ends the processes of the function whose session a principal is; nothing for any other. */
export type Kill = (principal: string) => void;

/**
 * A service that fails as planned: before a call is carried out, or after, when its caller can't know.
 * What is answered is what AWS would answer; a connection that is reset is one indeed, a function that crashes is gone.
 */
export const withFaults =
  (service: Service, name: string, faults: Faults, clock: Clock, kill: Kill = () => {}): Service =>
  async (request) => {
    const operation = operationOf(name, request);
    const fault = faults.strike(name, operation);
    if (!fault) return service(request);
    const carriedOut = fault.when === 'after' ? await service(request) : undefined;
    if (fault.kind === 'latency') {
      await lapse(clock, fault.milliseconds ?? 0);
      return carriedOut ?? service(request);
    }
    carriedOut?.stream?.destroy();
    switch (fault.kind) {
      case 'timeout':
        await lapse(clock, fault.holdMilliseconds);
        return HUNG_UP;
      case 'crash':
        kill(request.principal);
        return HUNG_UP;
      case 'reset':
        return HUNG_UP;
      default:
        return answerOf(name, operation, fault.kind, request);
    }
  };

const HUNG_UP: AwsResponse = { status: 0, hangUp: true };

/** All services behind the same faults. */
export const faulty = <Name extends string>(
  services: Record<Name, Service>,
  faults: Faults,
  clock: Clock,
  kill: Kill,
): Record<Name, Service> =>
  Object.fromEntries(
    Object.entries<Service>(services).map(([name, service]) => [name, withFaults(service, name, faults, clock, kill)]),
  ) as Record<Name, Service>;

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32, public domain). */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
