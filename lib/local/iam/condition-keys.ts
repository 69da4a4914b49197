/**
 * What the condition keys of a request say, by key in lower case; undefined for a key that the request doesn't have.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type Context = (key: string) => string[] | undefined;

/** Is it a key whose value, or whose absence, is here what it would be on AWS? Policies with others are refused. */
export const isKnownKey = (key: string, actions: string[]): boolean => {
  const name = key.toLowerCase();
  if (OF_TOKEN.test(name)) return actions.every((it) => it.toLowerCase() === 'sts:assumerolewithwebidentity');
  if (OF_EVENTS.includes(name)) return actions.every((it) => it.toLowerCase() === 'events:putevents');
  if (name.startsWith('aws:resourcetag/')) return actions.every((it) => TAGGED.test(it));
  return PRESENT.includes(name) || ABSENT.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
};

/** What a web identity's token says: nobody comes with one here, and so no request has it. */
const OF_TOKEN = /^[a-z0-9-]+(\.[a-z0-9-]+)+:(aud|sub)$/;

/** PutEvents has them of each event, and other operations of EventBridge, or none. */
const OF_EVENTS = ['events:source', 'events:detail-type'];

/** Requests have these, where the operation has what they speak of. */
const PRESENT = [
  ...['aws:currenttime', 'aws:epochtime', 'aws:securetransport', 'aws:requestedregion'],
  ...['aws:principalarn', 'aws:principalaccount', 'aws:principaltype', 'aws:principalisawsservice'],
  ...['aws:resourceaccount', 'aws:viaawsservice', 'aws:tagkeys', 'aws:userid', 'aws:username'],
  ...['sts:externalid', 'sts:rolesessionname'],
  // A service that assumes a role says for which resource.
  ...['aws:sourcearn', 'aws:sourceaccount'],
  ...['dynamodb:leadingkeys', 's3:prefix', 's3:delimiter', 's3:max-keys', 's3:versionid'],
  ...['kms:requestalias', 'kms:signingalgorithm'],
];

/** Whose resources keep their tags here, where a condition sees them. */
const TAGGED = /^(rds|rds-data):/i;

const PREFIXES = ['aws:requesttag/', 'rds:req-tag/'];

/** A role of a function outside a VPC, in an account outside an organization, never has these on AWS either. */
const ABSENT = [
  ...['aws:sourcevpc', 'aws:sourcevpce', 'aws:vpcsourceip', 'aws:referer', 'aws:sourceidentity'],
  ...['aws:multifactorauthpresent', 'aws:multifactorauthage', 'aws:federatedprovider', 'aws:principalservicename'],
  ...['aws:principalorgid', 'aws:principalorgpaths', 'aws:resourceorgid', 'aws:resourceorgpaths', 'aws:sourceorgid'],
  ...['aws:sourceorgpaths', 'aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast'],
];
