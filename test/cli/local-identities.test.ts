import { expect, it } from 'vitest';
import { arnOf, keysOf } from '../../lib/cli/local-identities.ts';
import { realClock } from '../../lib/local/clock.ts';
import { roles as rolesOf } from '../../lib/local/deploy/roles.ts';
import { identities } from '../../lib/local/iam/identities.ts';
import { users } from '../../lib/local/iam/users.ts';
import { credentials } from '../../lib/local/sts/credentials.ts';

const place = { partition: 'aws' as const, account: '000000000000', region: 'us-east-1' };
const keys = credentials(place);
const session = (role: string, name: string) => `arn:aws:sts::000000000000:assumed-role/${role}/${name}`;

it('lets two people be two sessions of one role, and nobody be what the app has made', () => {
  const roles = rolesOf(place);
  const cloud = { place, roles, ...identities({ place, clock: realClock, roles, users: users(place), keys }) };
  roles.create('Apps', '/', { Statement: [] });
  const ada = { name: 'Ada', iam: [session('Admin', 'ada')] };
  const berta = { name: 'Berta', iam: [session('Apps', 'berta'), session('Admin', 'berta')] };
  for (const person of [ada, berta]) {
    const arn = arnOf(cloud, person);
    expect(arn).toBe(session('Admin', person.name.toLowerCase()));
    expect(keysOf(cloud, arn!, '*').sessionToken).not.toBe('');
  }
  expect(arnOf(cloud, { name: 'Carl', iam: ['arn:aws:iam::111111111111:user/carl'] })).toBeUndefined();
});
