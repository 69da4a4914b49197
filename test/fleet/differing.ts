import type { Differences } from '../../lib/fleet/differences.ts';

/** What is found where one of three databases lacks an index, and a fourth did not get through the run. */
export const differing: Differences = {
  schemas: 2,
  groups: [
    {
      fingerprint: 'f1',
      count: 2,
      databases: ['a/orders', 'b/orders'],
      read: 'a/orders',
      differences: [],
      unreadable: [],
    },
    {
      fingerprint: 'f2',
      count: 1,
      databases: ['c/orders'],
      read: 'c/orders',
      differences: [{ is: 'missing', count: 1, objects: ['index public.by_name'] }],
      unreadable: [],
    },
  ],
  unfinished: [{ verdict: 'failed', count: 1, databases: ['d/orders'] }],
  dataApiCalls: 2,
};

export const inOneSentence =
  'The fleet has 2 different schemas: 2 alike; 1 (c/orders) lacks index public.by_name; ' +
  '1 did not get through the run and is no drift (failed: d/orders).';
