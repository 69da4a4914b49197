import { join } from 'node:path';
import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { documentStore } from '../../../lib/local/ssm/documents.ts';
import { parameterStore } from '../../../lib/local/ssm/parameter-store.ts';
import { ssm } from '../../../lib/local/ssm/ssm.ts';
import { jsonCall, listening, place, temporary } from '../cloud-harness.ts';

const opened = async (directory = temporary()) => {
  const parameters = parameterStore({ place, clock: realClock, file: join(directory, 'parameters.json') });
  const documents = documentStore({ place, file: join(directory, 'documents.json') });
  const service = ssm(parameters, documents, realClock);
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

const calendar = (kind: string, ...events: [from: string, to: string][]) =>
  [
    ...['BEGIN:VCALENDAR', 'PRODID:-//AWS//Change Calendar 1.0//EN', 'VERSION:2.0', `X-CALENDAR-TYPE:${kind}`],
    ...events.flatMap(([from, to]) => ['BEGIN:VEVENT', `DTSTART:${from}`, `DTEND:${to}`, 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');
const changes = { Name: 'changes', DocumentType: 'ChangeCalendar', DocumentFormat: 'TEXT' };

it('tells whether a change calendar is open, and until when, by name and by ARN', async () => {
  const { call } = await opened();
  const Content = calendar(
    'DEFAULT_OPEN',
    ['20270105T020000Z', '20270105T040000Z'],
    ['20270105T040000Z', '20270105T050000Z'],
  );
  await call('CreateDocument', { ...changes, Content });
  const state = async (AtTime: string, id = 'changes') =>
    (await call('GetCalendarState', { CalendarNames: [id], AtTime })).body;
  expect(await state('2027-01-05T01:59:59Z')).toEqual({
    ...{ State: 'OPEN', AtTime: '2027-01-05T01:59:59Z', NextTransitionTime: '2027-01-05T02:00:00Z' },
  });
  const arn = 'arn:aws:ssm:us-east-1:000000000000:document/changes';
  expect(await state('2027-01-05T02:00:00Z', arn)).toMatchObject({
    ...{ State: 'CLOSED', NextTransitionTime: '2027-01-05T05:00:00Z' },
  });
  expect(await state('2027-01-05T05:00:00Z')).toEqual({ State: 'OPEN', AtTime: '2027-01-05T05:00:00Z' });
  const closed = calendar('DEFAULT_CLOSED', ['20270106T020000Z', '20270106T040000Z']);
  await call('UpdateDocument', {
    Name: 'changes',
    Content: closed,
    DocumentFormat: 'TEXT',
    DocumentVersion: '$LATEST',
  });
  expect(await state('2027-01-05T05:00:00Z')).toMatchObject({
    ...{ State: 'CLOSED', NextTransitionTime: '2027-01-06T02:00:00Z' },
  });
});

it('has several calendars open while each of them is', async () => {
  const { call } = await opened();
  await call('CreateDocument', { ...changes, Content: calendar('DEFAULT_OPEN') });
  await call('CreateDocument', { ...changes, Name: 'other', Content: calendar('DEFAULT_CLOSED') });
  const state = async (...CalendarNames: string[]) => (await call('GetCalendarState', { CalendarNames })).body.State;
  expect([await state('changes'), await state('changes', 'other')]).toEqual(['OPEN', 'CLOSED']);
});

it('refuses a calendar that it would read wrongly, and one that there is not', async () => {
  const { call } = await opened();
  const refused = async (Content: string) => (await call('CreateDocument', { ...changes, Content })).body.__type;
  const weekly = calendar('DEFAULT_OPEN', ['20270105T020000Z', '20270105T040000Z\r\nRRULE:FREQ=WEEKLY']);
  expect(await refused(weekly)).toBe('UnsupportedCalendarException');
  expect(await refused(calendar('DEFAULT_OPEN', ['20270105T020000', '20270105T040000']))).toBe(
    'UnsupportedCalendarException',
  );
  expect(await refused('BEGIN:VCALENDAR\r\nEND:VCALENDAR')).toBe('InvalidDocumentContent');
  expect((await call('GetCalendarState', { CalendarNames: ['changes'] })).body.__type).toBe('InvalidDocument');
  const fraction = { CalendarNames: ['changes'], AtTime: '2027-01-05T02:00:00.000Z' };
  expect((await call('GetCalendarState', fraction)).body.__type).toBe('ValidationException');
});
