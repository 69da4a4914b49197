import { join } from 'node:path';
import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { parameterStore } from '../../../lib/local/ssm/parameter-store.ts';
import { ssm } from '../../../lib/local/ssm/ssm.ts';
import { jsonCall, listening, place, temporary } from '../cloud-harness.ts';

const opened = async (directory = temporary()) => {
  const service = ssm(parameterStore({ place, clock: realClock, file: join(directory, 'parameters.json') }));
  const { endpoint } = await listening({ ssm: service });
  return { directory, call: (name: string, input: object) => jsonCall(endpoint, 'ssm', `AmazonSSM.${name}`, input) };
};

it('gives back a parameter with its version and ARN, by name and by ARN', async () => {
  const { call } = await opened();
  await call('PutParameter', { Name: '/a/b', Value: 'one', Type: 'String' });
  await call('PutParameter', { Name: '/a/b', Value: 'two', Overwrite: true });
  const { body } = await call('GetParameter', { Name: '/a/b' });
  const ARN = 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b';
  expect(body.Parameter).toMatchObject({ Name: '/a/b', Type: 'String', Value: 'two', Version: 2, ARN });
  expect((await call('GetParameter', { Name: ARN })).body.Parameter.Value).toBe('two');
});

it('does not overwrite unless told to', async () => {
  const { call } = await opened();
  await call('PutParameter', { Name: '/a', Value: 'one', Type: 'String' });
  const { status, body } = await call('PutParameter', { Name: '/a', Value: 'two', Type: 'String' });
  expect([status, body.__type]).toEqual([400, 'ParameterAlreadyExists']);
});

it('lists a path level by level or whole, page by page', async () => {
  const { call } = await opened();
  for (const Name of ['/l/x', '/l/y/1', '/l/y/2', '/lx'])
    await call('PutParameter', { Name, Value: 'v', Type: 'String' });
  const names = (body: { Parameters: { Name: string }[] }) => body.Parameters.map(({ Name }) => Name);
  expect(names((await call('GetParametersByPath', { Path: '/l' })).body)).toEqual(['/l/x']);
  const first = (await call('GetParametersByPath', { Path: '/l', Recursive: true, MaxResults: 2 })).body;
  const second = (
    await call('GetParametersByPath', { Path: '/l', Recursive: true, MaxResults: 2, NextToken: first.NextToken })
  ).body;
  expect([names(first), names(second), second.NextToken]).toEqual([['/l/x', '/l/y/1'], ['/l/y/2'], undefined]);
});

it('tells found from missing', async () => {
  const { call } = await opened();
  await call('PutParameter', { Name: '/a', Value: 'one', Type: 'String' });
  const { body } = await call('GetParameters', { Names: ['/a', '/b'] });
  expect([body.Parameters[0].Value, body.InvalidParameters]).toEqual(['one', ['/b']]);
  expect((await call('GetParameter', { Name: '/b' })).body.__type).toBe('ParameterNotFound');
});

it('shows a secure string only to who asks for its decryption', async () => {
  const { call } = await opened();
  await call('PutParameter', { Name: '/a', Value: 'open sesame', Type: 'SecureString' });
  expect((await call('GetParameter', { Name: '/a' })).body.Parameter.Value).not.toContain('sesame');
  expect((await call('GetParameter', { Name: '/a', WithDecryption: true })).body.Parameter.Value).toBe('open sesame');
});

it('keeps parameters for the next time', async () => {
  const { call, directory } = await opened();
  await call('PutParameter', { Name: '/a', Value: 'one', Type: 'String' });
  const again = await opened(directory);
  expect((await again.call('GetParameter', { Name: '/a' })).body.Parameter.Value).toBe('one');
});

it('refuses operations and input that it does not know', async () => {
  const { call } = await opened();
  expect((await call('LabelParameterVersion', {})).body.__type).toBe('UnknownOperationException');
  expect((await call('GetParameter', { Name: '/a', Colour: 'red' })).body.__type).toBe('ValidationException');
});
