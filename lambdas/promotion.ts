import * as z from 'zod';
import { BundleNotFound } from '../lib/ledger/objects.ts';
import { readSigned } from '../lib/ledger/signed.ts';
import { NotPromotedYet, type Path, Place, Promotion, PromotionRefused } from '../lib/policy/promotion/path.ts';
import type { Readings } from '../lib/policy/promotion/readings.ts';
import { attestationKey, evidenceKey } from '../lib/policy/promotion/statements.ts';
import { type Gate, type Weighed, weigh } from '../lib/policy/promotion/weigh.ts';
import { bucket, bucketOf, kmsIn, once, promotionBucket, setting, variable, versions, versionsOf } from './services.ts';

/** What a run needs of the path by which its bundle comes here, and what was found of it. */
type Promoted = Omit<Weighed, 'missing'> & { path: Pick<Path, 'name' | 'approvals' | 'by'> };

type Asked = { digest: string; path?: string | undefined; now: Date; waitingSince?: Date | undefined };

/**
 * Makes sure that a bundle may come here by the path that is named, or else by the first; null where no path is
 * declared, and any bundle may.
 *
 * @throws PromotionRefused with everything that is missing; NotPromotedYet instead where a run waits for it
 */
export const promoted = async ({ digest, path: named, now, waitingSince }: Asked): Promise<Promoted | null> => {
  const rules = await promotion();
  if (rules === null && named === undefined) return null;
  const environment = variable('ENVIRONMENT');
  const refuse = (path: string, missing: string[]) => new PromotionRefused({ environment, digest, path, missing });
  if (rules === null) throw refuse(named!, ['no path to this environment is declared']);
  const path = chosen(rules, named);
  if (!path) throw refuse(named!, [`there is no such path, but ${rules.paths.map(({ name }) => name).join(', ')}`]);
  const gate: Gate = { service: variable('SERVICE'), environment, digest, path, places: places(), now };
  const { missing, ...found } = weigh(gate, await readFor(gate));
  if (missing.length > 0) {
    const waits =
      waitingSince !== undefined && missing.every(({ later }) => later) && isPatient(path, waitingSince, now);
    const told = { environment, digest, path: path.name, missing: missing.map(({ what }) => what) };
    throw waits ? new NotPromotedYet(told) : new PromotionRefused(told);
  }
  return { ...found, path: { name: path.name, approvals: path.approvals, by: path.by } };
};

/** Whether a run that was started by itself may go on waiting, whatever it waits for. */
export const mayWait = async (named: string | undefined, since: Date, now: Date): Promise<boolean> => {
  const rules = await promotion();
  const path = rules && chosen(rules, named);
  return path != null && isPatient(path, since, now);
};

const chosen = ({ paths }: Promotion, named: string | undefined): Path | undefined =>
  named === undefined ? paths[0] : paths.find(({ name }) => name === named);

const isPatient = ({ patience }: Path, since: Date, now: Date): boolean =>
  patience !== null && now.getTime() - since.getTime() < patience * 1000;

/** Reads side by side; each object is one in its own environment's bucket, verified with that one's key. */
const readFor = async ({ digest, path, environment, places }: Gate) => {
  const read = (name: string, kind: 'attestation' | 'evidence', key: string): Promise<Readings> => {
    const place = places[name]!;
    const keyId = kind === 'attestation' ? place.attestations : place.evidence;
    return readSigned(name === environment ? versions() : versionsOf(place), kmsIn(place.region), { key, keyId, kind });
  };
  const upstream = path.after.map((it) => it.environment);
  const attestations = all(upstream, (name) => read(name, 'attestation', attestationKey(digest)));
  const evidence = path.evidence.map(({ name, in: only }) => {
    const where = only === null ? [...upstream, environment] : [only];
    return all(where, (at) => read(at, 'evidence', evidenceKey(digest, name)));
  });
  return { attestations: await attestations, evidence: await Promise.all(evidence) };
};

const all = async <Value>(names: string[], make: (name: string) => Promise<Value>): Promise<Record<string, Value>> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await make(name)] as const)));

/**
 * Brings a bundle here from an environment before, where nobody has uploaded it: its name is its content's, so it
 * doesn't matter who brings it.
 */
export const fetchBundle = async (digest: string): Promise<void> => {
  for (const [name, place] of Object.entries(places())) {
    if (name === variable('ENVIRONMENT')) continue;
    const found = await bucketOf(place).bundle(digest).catch(missing);
    if (found) return bucket().writeBundle(found);
  }
  throw new BundleNotFound({ digest });
};

const missing = (error: unknown): null => {
  if (error instanceof BundleNotFound) return null;
  throw error;
};

/** How bundles come here, as it is deployed; null where nothing is declared. */
const promotion = once(async (): Promise<Promotion | null> => {
  const key = setting('PROMOTION_KEY');
  return key ? Promotion.parse(await promotionBucket().json(key)) : null;
});

const places = (): Record<string, Place> => z.record(z.string(), Place).parse(JSON.parse(setting('PLACES') ?? '{}'));
