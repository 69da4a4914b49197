import { AwsError } from '../protocol/aws-error.ts';

/** A boolean member. @throws InvalidParameterValue */
export const flag = (input: URLSearchParams, member: string): boolean | undefined => {
  const text = input.get(member);
  if (text === null) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new AwsError('InvalidParameterValue', `Invalid value ${text} for ${member}. Must be true or false`);
};

/** A member that is a whole number. @throws InvalidParameterValue */
export const whole = (input: URLSearchParams, member: string, least: number, most: number): number | undefined => {
  const text = input.get(member);
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new AwsError(
    'InvalidParameterValue',
    `Invalid value ${text} for ${member}. Must be between ${least} and ${most}`,
  );
};

/** Refuses what AWS may know and the local cloud would ignore: nobody is to believe that it had been done. */
export const only = (input: URLSearchParams, members: string[]) => {
  const action = input.get('Action');
  for (const name of input.keys()) {
    const [member = ''] = name.split('.');
    if (!['Action', 'Version', ...members].includes(member)) {
      throw new AwsError(
        'UnsupportedOperation',
        `The local cloud's ${action} doesn't do ${member}. It does ${members.join(', ')}.`,
      );
    }
  }
};
