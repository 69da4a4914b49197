import { failure } from '../../failure.ts';

export type TemplateResource = {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
  DependsOn?: string | string[];
};

/** A CloudFormation template, as far as it says what is to be. */
export type Template = {
  Description?: string;
  Parameters?: Record<string, { Type: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Rules?: Record<string, { RuleCondition?: unknown; Assertions: { Assert: unknown; AssertDescription?: string }[] }>;
  Resources?: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Condition?: string; Export?: { Name: unknown } }>;
};

/** Where in a stack something stands, for people: `Orders Table.Properties.BillingMode`. */
export type Where = { stack: string; path: string };

export const UnresolvableTemplate = failure(
  'UnresolvableTemplate',
  ({ stack, path, problem }: Where & { problem: string }) => `Stack ${stack}, ${path}: ${problem}`,
);

export const below = ({ stack, path }: Where, member: string | number): Where => ({ stack, path: `${path}.${member}` });

/** Refuses sections that would change what is deployed and that nobody reads here. */
export const checkSections = (stack: string, template: object) => {
  const unknown = Object.keys(template).find((section) => !SECTIONS.includes(section));
  if (unknown)
    throw new UnresolvableTemplate({ stack, path: unknown, problem: "the local cloud doesn't know this section." });
};

const SECTIONS = [
  ...[
    'AWSTemplateFormatVersion',
    'Description',
    'Metadata',
    'Parameters',
    'Mappings',
    'Conditions',
    'Rules',
    'Resources',
  ],
  'Outputs',
];
