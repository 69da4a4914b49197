import { describe, expect, it, test } from 'vitest';
import type { Path, RequiredEvidence } from '../../../lib/policy/promotion/path.ts';
import type { Readings } from '../../../lib/policy/promotion/readings.ts';
import type { Evidence } from '../../../lib/policy/promotion/statements.ts';
import { weigh } from '../../../lib/policy/promotion/weigh.ts';
import { attested, gate, said, versions } from './sample.ts';

const upstream = (readings: Readings, more: Partial<Path> = {}, now?: string) =>
  weigh(gate(more, now), { attestations: { staging: readings }, evidence: [] });

const FORGED = 'its signature is not that of key-1: it was edited, or signed with another key';
const TESTER = 'arn:aws:sts::111111111111:assumed-role/Testers/ada';

describe('an environment before', () => {
  it('lets a bundle on that has succeeded there', () => {
    expect(upstream(versions(attested()))).toEqual({ missing: [], attestations: [attested()], evidence: [] });
  });

  test.each<[string, Readings, string, boolean]>([
    ['has not had it', versions(), 'staging: it has not succeeded there: no attestation of this bundle', true],
    [
      'has something edited',
      versions(FORGED),
      `staging: its attestation does not count: ${FORGED} (version v1)`,
      false,
    ],
    ["can't be read", { unreadable: 'AccessDenied' }, 'staging: its attestation does not count: AccessDenied', false],
    [
      'has it of another bundle',
      versions(attested({ digest: 'e'.repeat(64) })),
      'staging: its attestation does not count: it is of digest eeeeeeeeeeee, not dddddddddddd (version v1)',
      false,
    ],
    [
      "has another environment's",
      versions(attested({ environment: 'dev' })),
      'staging: its attestation does not count: it is of environment dev, not staging (version v1)',
      false,
    ],
    [
      "has another account's",
      versions(attested({ account: '333333333333' })),
      'staging: its attestation does not count: it is of account 333333333333, not 111111111111 (version v1)',
      false,
    ],
    [
      "has another service's",
      versions(attested({ service: 'toys' })),
      'staging: its attestation does not count: it is of service toys, not shop (version v1)',
      false,
    ],
    [
      'has evidence in its place',
      versions(said()),
      'staging: its attestation does not count: it is signed, but is none (version v1)',
      false,
    ],
    [
      'has left some clusters out',
      versions(attested({ wholeFleet: false })),
      'staging: run staging-1 did not succeed on the whole fleet there',
      false,
    ],
    [
      'has taken it back',
      versions(
        attested({
          token: 9,
          standing: 'failed',
          because: 'run two failed: MigrationFailed',
          endedAt: '2026-01-05T11:00:00.000Z',
        }),
        attested(),
      ),
      'staging: taken back on 2026-01-05T11:00:00.000Z, since run two failed: MigrationFailed',
      false,
    ],
    [
      'has had an old one put there again, over what takes it back',
      versions(attested(), attested({ token: 9, standing: 'reverted', because: 'two took it back' }), attested()),
      'staging: taken back on 2026-01-05T10:00:00.000Z, since two took it back; what lies there now is not what was written: it is an older one, put there again (version v3)',
      false,
    ],
    [
      'has had a good one replaced by an edited one',
      versions(FORGED, attested()),
      `staging: its attestation does not count: what lies there now is not what was written: ${FORGED} (version v2)`,
      false,
    ],
    [
      'has had it deleted',
      versions('it was deleted', attested()),
      'staging: its attestation does not count: what lies there now is not what was written: it was deleted (version v2)',
      false,
    ],
    [
      'has had an older success put over a newer one, which had stood for less time',
      versions(
        attested({ since: '2026-01-01T00:00:00.000Z', token: 3 }),
        attested(),
        attested({ since: '2026-01-01T00:00:00.000Z', token: 3 }),
      ),
      'staging: its attestation does not count: what lies there now is not what was written: it is an older one, put there again (version v3)',
      false,
    ],
  ])('that %s does not', (_, readings, what, later) => {
    expect(upstream(readings)).toMatchObject({ missing: [{ what, later }], attestations: [] });
  });

  it('that succeeds again after it took it back, lets it on', () => {
    const again = attested({ token: 11 });
    const between = attested({ token: 9, standing: 'failed', because: 'x' });
    expect(upstream(versions(again, between, attested()))).toMatchObject({ missing: [], attestations: [again] });
  });

  it('that has succeeded by a clock that is ahead lets it on, where no time is asked for', () => {
    expect(upstream(versions(attested()), {}, '2026-01-05T09:59:58.000Z').missing).toEqual([]);
  });

  it('is waited for as long as it has to have stood there, to the second', () => {
    const soaking: Partial<Path> = { after: [{ environment: 'staging', soak: 86_400 }] };
    expect(upstream(versions(attested()), soaking, '2026-01-06T09:59:59.000Z').missing).toEqual([
      {
        what: 'staging: it has stood there since 2026-01-05T10:00:00.000Z, and has to until 2026-01-06T10:00:00.000Z',
        later: true,
      },
    ]);
    expect(upstream(versions(attested()), soaking, '2026-01-06T10:00:00.000Z').missing).toEqual([]);
  });
});

describe('evidence', () => {
  const asked = (wanted: Partial<RequiredEvidence>, read: Record<string, Readings>) =>
    weigh(gate({ evidence: [{ name: 'e2e', by: null, matching: null, in: null, ...wanted }] }), {
      attestations: { staging: versions(attested()) },
      evidence: [read],
    });

  it.each(['passed', 'failed'] as const)(
    'that was overtaken by a later word, which has %s, leaves that word',
    (result) => {
      const later = said({ sequence: 2, result });
      const [earlier, first] = [said({ sequence: 1 }), said({ sequence: 0 })];
      const { missing, evidence } = asked({}, { staging: versions(earlier, later, first) });
      expect([missing.length, evidence]).toEqual(result === 'passed' ? [0, [later]] : [1, []]);
      expect(missing.map(({ what }) => what).join()).not.toContain('not what was written');
    },
  );

  it('counts in any environment of the path', () => {
    expect(asked({}, { staging: versions(said()), production: versions() })).toMatchObject({
      missing: [],
      evidence: [said()],
    });
  });

  test.each<[string, Partial<RequiredEvidence>, Readings, string, boolean]>([
    [
      'nobody has given',
      {},
      versions(),
      'e2e: nobody has attested it: lockstep attest e2e --digest dddddddddddd --environment staging',
      true,
    ],
    [
      'says that it failed, after it had passed',
      {},
      versions(said({ result: 'failed', sequence: 2 }), said()),
      'e2e: in staging it failed, says arn:aws:sts::111111111111:assumed-role/Ci/job-7',
      true,
    ],
    [
      'passed once, and was put there again after it had failed',
      {},
      versions(said(), said({ result: 'failed', sequence: 2 }), said()),
      'e2e: in staging it does not count: what lies there now is not what was written: it is an older one, put there again (version v3)',
      false,
    ],
    [
      'is of another bundle',
      {},
      versions(said({ digest: 'e'.repeat(64) })),
      'e2e: in staging it does not count: it is of digest eeeeeeeeeeee, not dddddddddddd (version v1)',
      false,
    ],
    [
      'is of another check',
      {},
      versions(said({ name: 'uat' })),
      'e2e: in staging it does not count: it is of name uat, not e2e (version v1)',
      false,
    ],
    ['is an edited one', {}, versions(FORGED), `e2e: in staging it does not count: ${FORGED} (version v1)`, false],
    [
      "is somebody's whose word does not count",
      { by: ['arn:aws:iam::111111111111:role/Testers'] },
      versions(said()),
      'e2e: in staging it was attested by arn:aws:sts::111111111111:assumed-role/Ci/job-7, whose word does not count',
      false,
    ],
    [
      'has an address that does not match',
      { matching: 'CHG\\d{7}' },
      versions(said({ url: 'https://tickets.example.com/XCHG1234567' })),
      'e2e: in staging it has the --url https://tickets.example.com/XCHG1234567, which does not match CHG\\d{7}',
      false,
    ],
    [
      'has no address',
      { matching: 'CHG\\d{7}' },
      versions(said({ url: null })),
      'e2e: in staging it has no --url, which has to match CHG\\d{7}',
      false,
    ],
  ])('that %s does not count', (_, wanted, readings, what, later) => {
    expect(asked(wanted, { staging: readings, production: versions() }).missing).toEqual([{ what, later }]);
  });

  test.each(['CHG1234567', 'https://tickets.example.com/CHG1234567', 'https://tickets.example.com/?id=CHG1234567'])(
    'counts with the ticket %s',
    (url) => {
      expect(asked({ matching: 'CHG\\d{7}' }, { staging: versions(said({ url })) }).missing).toEqual([]);
    },
  );

  it('counts from those whose word does: any session of the role', () => {
    const wanted = { by: ['arn:aws:iam::111111111111:role/Ci'] };
    expect(asked(wanted, { staging: versions(said()) }).missing).toEqual([]);
  });

  it('of one name counts for each environment in which it is asked for, and for none besides', () => {
    const evidence = ['staging', 'production'].map((where) => ({ name: 'uat', by: null, matching: null, in: where }));
    const uat = (environment: 'staging' | 'production') =>
      said({ name: 'uat', environment, account: gate().places[environment]!.account });
    const asking = (...read: Record<string, Readings>[]) =>
      weigh(gate({ evidence }), { attestations: { staging: versions(attested()) }, evidence: read });
    expect(asking({ staging: versions() }, { production: versions(uat('production')) }).missing).toEqual([
      {
        what: 'uat: nobody has attested it: lockstep attest uat --digest dddddddddddd --environment staging',
        later: true,
      },
    ]);
    const both: Record<string, Readings>[] = [
      { staging: versions(uat('staging')) },
      { production: versions(uat('production')) },
    ];
    expect(asking(...both)).toMatchObject({ missing: [], evidence: [uat('staging'), uat('production')] });
  });

  const there = { environment: 'production', account: '222222222222' };

  it.each<[string, Partial<RequiredEvidence>, Partial<Evidence>]>([
    ['without an address', { matching: 'CHG\\d{7}' }, { url: null }],
    ['with an address that does not match', { matching: 'CHG\\d{7}' }, { url: 'https://tickets.example.com/7' }],
    ['by somebody whose word does not count', { by: [TESTER] }, {}],
  ])('that fits in one environment counts, though another has it %s', (_, wanted, more) => {
    const fits = said({ ...there, url: 'https://tickets.example.com/CHG1234567', by: TESTER });
    const read = { staging: versions(said(more)), production: versions(fits) };
    expect(asked(wanted, read)).toMatchObject({ missing: [], evidence: [fits] });
  });

  it('does not count where a word that fits was followed by one that does not', () => {
    const wanted = { matching: 'CHG\\d{7}' };
    const [first, last] = [said({ url: 'CHG1234567' }), said({ sequence: 2, url: null })];
    expect(asked(wanted, { staging: versions(last, first), production: versions() }).missing).toHaveLength(1);
  });

  it('that fits nowhere is told for each environment that has it', () => {
    const read = { staging: versions(said({ url: null })), production: versions(said({ ...there, url: 'CHG1' })) };
    expect(asked({ matching: 'CHG\\d{7}' }, read).missing).toEqual([
      {
        what: 'e2e: in staging it has no --url, which has to match CHG\\d{7}; e2e: in production it has the --url CHG1, which does not match CHG\\d{7}',
        later: false,
      },
    ]);
  });

  it.each<[string, Readings]>([
    ['has seen it fail', versions(said({ ...there, result: 'failed' }))],
    ["can't be read", { unreadable: 'AccessDenied' }],
    ['has something edited', versions(FORGED)],
  ])('that one environment has is not enough where another %s, and that alone is told', (_, production) => {
    const { missing, evidence } = asked({}, { staging: versions(said()), production });
    expect([missing.map(({ what }) => what.slice(0, 21)), evidence]).toEqual([['e2e: in production it'], []]);
  });
});

it('lists everything that is missing, in one go', () => {
  const evidence = ['e2e', 'uat'].map((name) => ({ name, by: null, matching: null, in: null }));
  const after = ['staging', 'performance'].map((environment) => ({ environment, soak: 0 }));
  const { places, ...rest } = gate({ after, evidence });
  const { missing } = weigh(
    { ...rest, places: { ...places, performance: places.staging! } },
    { attestations: { staging: versions(), performance: versions() }, evidence: [] },
  );
  expect(missing.map(({ what }) => what.split(':')[0])).toEqual(['staging', 'performance', 'e2e', 'uat']);
});
