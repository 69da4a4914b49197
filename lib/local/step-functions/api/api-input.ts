import { ApiError, validationError } from './api-error.ts';

/** A request's fields, checked as AWS checks them before anything else. */
export type ApiInput = {
  string(name: string, limits?: { most?: number }): string;
  optionalString(name: string, limits?: { most?: number }): string | undefined;
  optionalInteger(name: string, least: number, most?: number): number | undefined;
  optionalNumber(name: string, least: number, most: number): number | undefined;
  optionalBoolean(name: string): boolean | undefined;
  optionalChoice<Value extends string>(name: string, values: Value[]): Value | undefined;
};

export const apiInput = (body: Buffer): ApiInput => {
  const fields = parse(body);
  const get = (name: string, type: 'string' | 'number' | 'boolean') => {
    const value = fields[name] ?? undefined;
    if (value !== undefined && typeof value !== type)
      throw new ApiError('SerializationException', `${name} must be a ${type}, but it is a ${typeof value}`);
    return value;
  };
  const violated = (name: string, value: unknown, constraint: string) =>
    validationError(`Value '${value}' at '${name}' failed to satisfy constraint: Member must ${constraint}`);

  const input: ApiInput = {
    string(name, limits) {
      const value = input.optionalString(name, limits);
      if (value === undefined)
        throw validationError(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
      return value;
    },
    optionalString(name, { most = Number.POSITIVE_INFINITY } = {}) {
      const value = get(name, 'string') as string | undefined;
      if (value !== undefined && value.length > most)
        throw validationError(
          `Value at '${name}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
        );
      return value;
    },
    optionalInteger(name, least, most = Number.MAX_SAFE_INTEGER) {
      const value = input.optionalNumber(name, least, most);
      if (value !== undefined && !Number.isInteger(value))
        throw new ApiError('SerializationException', `${name} must be an integer`);
      return value;
    },
    optionalNumber(name, least, most) {
      const value = get(name, 'number') as number | undefined;
      if (value !== undefined && value > most) throw violated(name, value, `have value less than or equal to ${most}`);
      if (value !== undefined && value < least)
        throw violated(name, value, `have value greater than or equal to ${least}`);
      return value;
    },
    optionalBoolean: (name) => get(name, 'boolean') as boolean | undefined,
    optionalChoice(name, values) {
      const value = get(name, 'string') as (typeof values)[number] | undefined;
      if (value !== undefined && !values.includes(value))
        throw violated(name, value, `satisfy enum value set: [${values.join(', ')}]`);
      return value;
    },
  };
  return input;
};

const parse = (body: Buffer): Record<string, unknown> => {
  try {
    const value = JSON.parse(body.toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as of everything that isn't an object.
  }
  throw new ApiError('SerializationException', 'The request body is not a JSON object');
};
