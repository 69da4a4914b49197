import { z } from 'zod';
import { type Resource, resource } from '../resource.ts';

/** Change calendars only. */
export const document: Resource = resource(
  {
    Name: z.string().optional(),
    Content: z.string(),
    DocumentType: z.literal('ChangeCalendar'),
    DocumentFormat: z.literal('TEXT'),
    UpdateMethod: z.literal('NewVersion').optional(),
  },
  ({ Name, Content }, { services, name }) => ({
    ref: services.documents.put(Name ?? name(128), Content).name,
    attributes: {},
  }),
);
