import { isPrincipal } from '../approval-policy.ts';
import type { Path, Place, RequiredEvidence } from './path.ts';
import { holding, type Readings } from './readings.ts';
import { Attestation, Evidence } from './statements.ts';

/** What was read in the buckets, by environment. */
export type Read = {
  attestations: Record<string, Readings>;
  /** For each check that the path asks for, in its order: one name may be asked for in several environments. */
  evidence: Record<string, Readings>[];
};

export type Gate = {
  service: string;
  environment: string;
  digest: string;
  path: Path;
  /** This environment and those before it, by name. */
  places: Record<string, Place>;
  now: Date;
};

/** What speaks against it; `later` where it may come by waiting. */
export type Missing = { what: string; later: boolean };

export type Weighed = { missing: Missing[]; attestations: Attestation[]; evidence: Evidence[] };

/** Everything that a bundle lacks to go on, and what it has. */
export const weigh = (gate: Gate, read: Read): Weighed => {
  const before = gate.path.after.map((upstream) =>
    ofUpstream(gate, upstream, read.attestations[upstream.environment]!),
  );
  const checks = gate.path.evidence.map((wanted, at) => ofEvidence(gate, wanted, read.evidence[at] ?? {}));
  return {
    missing: [...before, ...checks].flatMap(({ missing }) => missing),
    attestations: before.flatMap(({ found }) => (found ? [found] : [])),
    evidence: checks.flatMap(({ found }) => (found ? [found] : [])),
  };
};

type Answer<Found> = { found: Found | null; missing: Missing[] };

const lacks = (what: string, later = false): Answer<never> => ({ found: null, missing: [{ what, later }] });

const ofUpstream = (
  { service, digest, places, now }: Gate,
  { environment, soak }: Path['after'][number],
  readings: Readings,
): Answer<Attestation> => {
  const { account } = places[environment]!;
  const expected = { service, environment, account, digest };
  const { holds, problem } = holding(readings, { schema: Attestation, expected, order: ({ token }) => token });
  const where = `${environment}: `;
  if (holds && holds.standing !== 'succeeded') {
    const over = problem === null ? '' : `; ${problem}`;
    return lacks(`${where}taken back on ${holds.endedAt}, since ${holds.because ?? holds.standing}${over}`);
  }
  if (problem !== null) return lacks(`${where}its attestation does not count: ${problem}`);
  if (!holds) return lacks(`${where}it has not succeeded there: no attestation of this bundle`, true);
  if (!holds.wholeFleet) return lacks(`${where}run ${holds.run} did not succeed on the whole fleet there`);
  const until = new Date(Date.parse(holds.since) + soak * 1000);
  // Where no time is asked for, two accounts' clocks need not agree.
  if (soak > 0 && until > now) {
    return lacks(`${where}it has stood there since ${holds.since}, and has to until ${until.toISOString()}`, true);
  }
  return { found: holds, missing: [] };
};

/** Any environment's last word will do, if it is genuine and fits; otherwise all of them are told. */
const ofEvidence = (gate: Gate, wanted: RequiredEvidence, read: Record<string, Readings>): Answer<Evidence> => {
  const { service, digest, places } = gate;
  const answers = Object.entries(read).map(([environment, readings]) => {
    const expected = { service, environment, account: places[environment]!.account, digest, name: wanted.name };
    const { holds, problem } = holding(readings, { schema: Evidence, expected, order: ({ sequence }) => sequence });
    const flaw = problem ? `does not count: ${problem}` : holds && unfit(wanted, holds);
    const failed = problem === null && holds?.result === 'failed';
    return { environment, holds, flaw, failed, forbids: problem !== null || failed };
  });
  const good = answers.find(({ holds, flaw }) => holds !== null && flaw === null);
  // Where one environment has seen it fail, or what it has seen can't be known, it has not passed because another says so.
  const bad = answers.filter(({ flaw, forbids }) => forbids || (!good && flaw !== null));
  if (good && bad.length === 0) return { found: good.holds, missing: [] };
  if (bad.length > 0) {
    const later = bad.every(({ failed }) => failed);
    return lacks(bad.map(({ environment, flaw }) => `${wanted.name}: in ${environment} it ${flaw}`).join('; '), later);
  }
  const at = wanted.in ?? gate.path.after[0]!.environment;
  const command = `lockstep attest ${wanted.name} --digest ${digest.slice(0, 12)} --environment ${at}`;
  return lacks(`${wanted.name}: nobody has attested it: ${command}`, true);
};

const unfit = ({ by, matching }: RequiredEvidence, { result, by: who, url }: Evidence): string | null => {
  if (result === 'failed') return `failed, says ${who}`;
  if (by !== null && !by.some((listed) => isPrincipal(listed, who)))
    return `was attested by ${who}, whose word does not count`;
  if (matching !== null && !isMatching(matching, url ?? ''))
    return url === null
      ? `has no --url, which has to match ${matching}`
      : `has the --url ${url}, which does not match ${matching}`;
  return null;
};

/** A ticket is given by its number, or by an address that ends in it. */
const isMatching = (pattern: string, url: string): boolean => {
  const whole = new RegExp(`^(?:${pattern})$`);
  return whole.test(url) || whole.test(url.split(/[/=]/).at(-1)!);
};
