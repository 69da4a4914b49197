import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { operation } from '../protocol/json.ts';
import { parseCalendar, stateAt } from './change-calendar.ts';
import type { Document, DocumentStore } from './documents.ts';

const Calendar = { DocumentType: z.literal('ChangeCalendar'), DocumentFormat: z.literal('TEXT') };

/** What Systems Manager does with documents that are change calendars. */
export const calendarOperations = (store: DocumentStore, clock: Clock) => ({
  CreateDocument: operation(
    z.strictObject({ Name: z.string(), Content: z.string(), ...Calendar }),
    ({ Name, Content }) => {
      if (store.has(Name))
        throw new AwsError('DocumentAlreadyExists', `Document with same name ${Name} already exists`);
      return { DocumentDescription: described(store.put(Name, Content)) };
    },
  ),
  UpdateDocument: operation(
    z.strictObject({
      Name: z.string(),
      Content: z.string(),
      DocumentFormat: Calendar.DocumentFormat,
      DocumentVersion: z.literal('$LATEST'),
    }),
    ({ Name, Content }) => ({ DocumentDescription: described(store.put(store.find(Name).name, Content)) }),
  ),
  DeleteDocument: operation(z.strictObject({ Name: z.string() }), ({ Name }) => {
    store.remove(store.find(Name).name);
    return {};
  }),
  GetCalendarState: operation(
    z.strictObject({
      CalendarNames: z.array(z.string()).min(1),
      // Fractions of a second are nowhere documented.
      AtTime: z
        .string()
        .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time as 2027-01-05T02:00:00Z')
        .optional(),
    }),
    ({ CalendarNames, AtTime }) => {
      const at = AtTime === undefined ? clock.now().getTime() : Date.parse(AtTime);
      const states = CalendarNames.map((name) => stateAt(parseCalendar(store.find(name).content), at));
      // When several will change together is nowhere documented, and so not said here.
      const until = states.length === 1 ? states[0]!.until : null;
      return {
        State: states.every(({ open }) => open) ? 'OPEN' : 'CLOSED',
        AtTime: written(at),
        ...(until === null ? {} : { NextTransitionTime: written(until) }),
      };
    },
  ),
});

const described = ({ name, version }: Document) => ({
  ...{ Name: name, DocumentType: 'ChangeCalendar', DocumentFormat: 'TEXT', Status: 'Active' },
  ...{ DocumentVersion: String(version), LatestVersion: String(version) },
});

const written = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
