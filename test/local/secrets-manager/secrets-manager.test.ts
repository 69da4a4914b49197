import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { secretsManager } from '../../../lib/local/secrets-manager/secrets-manager.ts';
import { vault } from '../../../lib/local/secrets-manager/vault.ts';
import { listening, place, temporary } from '../cloud-harness.ts';

const opened = async (directory = temporary()) => {
  const file = join(directory, 'secrets.json');
  const service = secretsManager(vault({ place, clock: realClock, file }));
  const client = new SecretsManagerClient(await listening({ secretsmanager: service }));
  const value = async (SecretId: string, VersionStage?: string) =>
    (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  return { client, value, file, directory };
};

it('finds a secret by its name, its ARN and its ARN without the random end', async () => {
  const { client, value } = await opened();
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'db/master', SecretString: 'one' }));
  expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:db\/master-[A-Za-z0-9]{6}$/);
  expect(await Promise.all([value('db/master'), value(ARN), value(ARN.slice(0, -7))])).toEqual(['one', 'one', 'one']);
});

it('keeps the previous value beside the current one', async () => {
  const { client, value } = await opened();
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'one' }));
  await client.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'two' }));
  await client.send(new UpdateSecretCommand({ SecretId: 's', SecretString: 'three' }));
  expect(await Promise.all([value('s'), value('s', 'AWSPREVIOUS')])).toEqual(['three', 'two']);
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: 's' }));
  expect(Object.values(VersionIdsToStages)).toEqual([['AWSCURRENT'], ['AWSPREVIOUS']]);
});

it('takes the same token once', async () => {
  const { client } = await opened();
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'one' }));
  const put = (SecretString: string) =>
    client.send(new PutSecretValueCommand({ SecretId: 's', SecretString, ClientRequestToken: 't'.repeat(32) }));
  expect((await put('two')).VersionId).toBe((await put('two')).VersionId);
  await expect(put('three')).rejects.toMatchObject({ name: 'ResourceExistsException' });
});

it('refuses a name that is taken and a secret that is missing', async () => {
  const { client, value } = await opened();
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'one' }));
  await expect(client.send(new CreateSecretCommand({ Name: 's' }))).rejects.toMatchObject({
    name: 'ResourceExistsException',
  });
  await expect(value('other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

it('keeps secrets for the next time, in a file that only its owner reads', async () => {
  const { client, directory, file } = await opened();
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'one' }));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await opened(directory);
  expect(await again.value('s')).toBe('one');
  expect((await again.client.send(new ListSecretsCommand({}))).SecretList).toMatchObject([{ Name: 's' }]);
});

it('refuses input that it would not honour', async () => {
  const { client } = await opened();
  const create = client.send(
    new CreateSecretCommand({ Name: 's', SecretString: 'x', AddReplicaRegions: [{ Region: 'eu-west-1' }] }),
  );
  await expect(create).rejects.toThrow('AddReplicaRegions');
});
