import { AwsError } from '../protocol/aws-error.ts';

/** RDS identifiers: 1 to 63 ASCII letters, digits and single hyphens, a letter first; kept in lower case. */
export const isIdentifier = (text: string) => /^[a-z](?:-?[a-z0-9])*$/i.test(text) && text.length <= 63;

/** The member's value in lower case. @throws MissingParameter, InvalidParameterValue */
export const identifier = (input: URLSearchParams, member: string) => {
  const value = input.get(member);
  if (!value) throw new AwsError('MissingParameter', `The request must contain the parameter ${member}.`);
  if (isIdentifier(value)) return value.toLowerCase();
  throw new AwsError(
    'InvalidParameterValue',
    `The parameter ${member} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
  );
};
