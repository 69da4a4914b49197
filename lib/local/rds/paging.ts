import { AwsError } from '../protocol/aws-error.ts';
import { entries } from '../protocol/query.ts';

/** One page, by MaxRecords (20 to 100, default 100) and Marker, of what is ordered by its key. */
export const page = <Item>(input: URLSearchParams, items: Item[], key: (item: Item) => string) => {
  const size = Number(input.get('MaxRecords') ?? 100);
  if (!Number.isInteger(size) || size < 20 || size > 100) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value ${input.get('MaxRecords')} for MaxRecords. Must be between 20 and 100`,
    );
  }
  const marker = input.get('Marker');
  const after = marker ? Buffer.from(marker, 'base64url').toString() : '';
  if (marker && Buffer.from(after).toString('base64url') !== marker) {
    throw new AwsError('InvalidParameterValue', `Invalid value for Marker: ${marker}`);
  }
  const rest = items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).filter((item) => key(item) > after);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return { shown, Marker: rest.length > size && last ? Buffer.from(key(last)).toString('base64url') : undefined };
};

/** Keeps what matches all `Filters`: each filter's name gives the values an item has for it. */
export const filtered = <Item>(
  input: URLSearchParams,
  items: Item[],
  values: Record<string, (item: Item) => string[]>,
) => {
  const filters = entries(input, 'Filters.Filter').map(({ Name = '', ...rest }) => {
    const of = Object.hasOwn(values, Name) ? values[Name] : undefined;
    if (!of) throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${Name}`);
    return { of, wanted: new Set(Object.values(rest)) };
  });
  return items.filter((item) => filters.every(({ of, wanted }) => of(item).some((value) => wanted.has(value))));
};
