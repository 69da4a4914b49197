/** One distributed map of a run, as it went on virtual time: when, how many children, and what one of them takes. */
export type MapTime = {
  label: string;
  /** Seconds of the cloud's clock. */
  from: number;
  to: number;
  children: number;
  childSeconds: number;
  /** State transitions of one child. */
  childTransitions: number;
  /** Calls of the RDS API while it went on. */
  rdsCalls: number;
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, us-east-1, us-west-2 and eu-west-1; elsewhere. */
export const QUOTAS = {
  transitionsPerSecond: 5_000,
  transitionsPerSecondElsewhere: 800,
  /** https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html: standard children. */
  childrenPerSecond: 100,
  /** AWS publishes none for RDS: assumed. The Data API has none. */
  rdsCallsPerSecond: 50,
};

export type Bound = { label: string; seconds: number; by: string };

/**
 * How long the run takes in AWS. On virtual time functions last as long as their calls take, maps keep to their
 * concurrency and waits are waited; what is missing is how fast AWS starts children, moves from state to state and
 * answers the RDS API. A map that one of these holds up takes as long as the slowest of them.
 */
export const predict = (
  total: number,
  maps: MapTime[],
  transitionsPerSecond = QUOTAS.transitionsPerSecond,
): { seconds: number; bounds: Bound[] } => {
  const bounds = maps.map((map): Bound => {
    const [first] = [
      { seconds: map.to - map.from, by: 'its functions, waits and concurrency' },
      { seconds: map.children / QUOTAS.childrenPerSecond + map.childSeconds, by: 'the start of its children' },
      { seconds: (map.children * map.childTransitions) / transitionsPerSecond, by: 'state transitions' },
      { seconds: map.rdsCalls / QUOTAS.rdsCallsPerSecond, by: 'the RDS API (assumed)' },
    ].toSorted((a, b) => b.seconds - a.seconds);
    return { label: map.label, ...first! };
  });
  const held = maps.reduce((sum, { from, to }, at) => sum + bounds[at]!.seconds - (to - from), 0);
  return { seconds: total + held, bounds };
};
