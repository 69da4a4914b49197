import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../../lib/local/faults/faults.ts';
import { type FaultPlan, parseFaults } from '../../../lib/local/faults/plan.ts';

describe('LOCKSTEP_FAULTS', () => {
  test('tells service, operation, side, kind and which call', () => {
    expect(parseFaults('rds-data:ExecuteStatement:after:reset@3,seed=7')).toEqual({
      seed: 7,
      faults: [{ service: 'rds-data', operation: 'ExecuteStatement', when: 'after', kind: 'reset', on: { nth: 3 } }],
    });
    expect(
      parseFaults('s3:*:before:latency=2s@10%, states:StartExecution:before:throttling@/3, sns:*:after:503'),
    ).toEqual({
      faults: [
        { service: 's3', operation: '*', when: 'before', kind: 'latency', milliseconds: 2_000, on: { chance: 0.1 } },
        { service: 'states', operation: 'StartExecution', when: 'before', kind: 'throttling', on: { every: 3 } },
        { service: 'sns', operation: '*', when: 'after', kind: '503' },
      ],
    });
  });

  test.each([
    ['rds-data', /at "rds-data": it has not the four parts/],
    ['rdsdata:*:before:reset', /services are rds-data, states, s3/],
    ['rds-data:execute:before:reset', /an operation is \* or a name/],
    ['rds-data:Execute:before:reset', /operations of rds-data are ExecuteStatement, BatchExecuteStatement/],
    ['s3:ListObjects:before:503', /operations of s3 are .*ListObjectsV2/],
    ['lambda:InvokeFunction:before:crash', /operations of lambda are Invoke, /],
    ['rds-data:*:during:reset', /before or after/],
    ['rds-data:*:before:explode', /"explode" is no kind of fault/],
    ['rds-data:*:before:toString', /"toString" is no kind of fault/],
    ['states:*:before:resuming', /only rds-data can be resuming/],
    ['rds-data:*:after:throttling', /nothing was done: it strikes before/],
    ['rds-data:*:before:latency', /write the time as latency=250ms/],
    ['rds-data:*:before:reset=5s', /reset takes no "=5s"/],
    ['rds-data:*:before:reset@0', /"@0" is none of/],
    ['rds-data:*:before:reset@/3%', /"@\/3%" is none of/],
    ['rds-data:*:before:reset@101%', /no more than 100%/],
    ['seed=x,rds-data:*:before:reset', /a seed is a whole number/],
    ['seed=7', /there is no fault in it/],
    ['rds-data:*:before:reset,', /at "": it has not the four parts/],
  ])('refuses %s, and says why and how it is written', (text, reason) => {
    expect(() => parseFaults(text)).toThrow(reason);
    expect(() => parseFaults(text)).toThrow(/as in rds-data:ExecuteStatement:after:reset@3/);
  });
});

describe('a plan', () => {
  const struck = (plan: FaultPlan, calls = 12) => {
    const faults = faultsOf(plan);
    return Array.from({ length: calls }, () => (faults.strike('s3', 'GetObject') ? 'x' : '.')).join('');
  };
  const fault = { service: 's3', operation: '*', when: 'before', kind: 'reset' } as const;

  test('strikes the call it names, every so-manieth, or all', () => {
    expect(struck({ faults: [{ ...fault, on: { nth: 3 } }] })).toBe('..x.........');
    expect(struck({ faults: [{ ...fault, on: { every: 5 } }] })).toBe('....x....x..');
    expect(struck({ faults: [fault] })).toBe('xxxxxxxxxxxx');
  });

  test('counts only the calls that it is about', () => {
    const faults = faultsOf({ faults: [{ ...fault, operation: 'PutObject', on: { nth: 2 } }] });
    const calls = ['PutObject', 'GetObject', 'GetObject', 'PutObject', 'PutObject'];
    expect(calls.map((operation) => faults.strike('s3', operation) !== undefined)).toEqual([
      ...[false, false, false, true, false],
    ]);
    expect(faults.strike('sns', 'PutObject')).toBeUndefined();
    expect(faults.injected()).toBe(1);
  });

  test('may be added while others are carried out, and ended', () => {
    const faults = faultsOf({ faults: [{ ...fault, on: { nth: 1 } }] });
    expect(faults.strike('s3', 'GetObject')?.kind).toBe('reset');
    const end = faults.add({ faults: [{ ...fault, kind: '503', on: { every: 2 } }], holdMilliseconds: 5 });
    const kinds = Array.from({ length: 4 }, () => faults.strike('s3', 'GetObject'));
    expect(kinds.map((it) => it?.kind)).toEqual([undefined, '503', undefined, '503']);
    expect(kinds[1]?.holdMilliseconds).toBe(5);
    expect([end(), faults.injected()]).toEqual([2, 3]);
    expect(faults.strike('s3', 'GetObject')).toBeUndefined();
    expect(faults.strike('s3', 'GetObject')).toBeUndefined();
  });

  test('repeats by its seed what happens by chance, and another seed makes other things happen', () => {
    const half = { faults: [{ ...fault, on: { chance: 0.5 } }] };
    const first = struck({ ...half, seed: 7 }, 64);
    expect(struck({ ...half, seed: 7 }, 64)).toBe(first);
    expect(struck({ ...half, seed: 8 }, 64)).not.toBe(first);
    expect([...first].filter((it) => it === 'x').length).toBeGreaterThan(16);
    expect(first).toContain('.');
  });
});
