import type { StatusChange } from './events/execution-status-change.ts';
import type { Compiled } from './iam/statement.ts';
import { addressed } from './s3/addressing.ts';
import type { AwsRequest, Place, Service } from './service.ts';

/** What one account shows of itself to others: who may reach it there, its own policies of resources say. */
export type Account = {
  place: Place;
  hasBucket(name: string): boolean;
  keyArn(id: string): string | undefined;
  policiesOf(resourceArn: string): Compiled[];
  s3: Service;
  kms: Service;
  /** Takes an event that came over the account's event bus. */
  receive(event: StatusChange): void;
};

export type Neighbourhood = ReturnType<typeof neighbourhood>;

/** Accounts on one machine, each a local cloud with a port of its own, that can reach into each other as on AWS. */
export const neighbourhood = () => {
  const accounts = new Set<Account>();
  return {
    /** Returns what takes it out again. */
    join(account: Account): () => void {
      accounts.add(account);
      return () => void accounts.delete(account);
    },
    /** The others, as seen from one of them. */
    around: ({ account }: Place) => viewOf(() => [...accounts].filter(({ place }) => place.account !== account)),
  };
};

export type Abroad = { account: string; policies: Compiled[] };

export type View = ReturnType<typeof viewOf>;

const viewOf = (others: () => Account[]) => {
  const ofBucket = (name: string) => others().find((it) => it.hasBucket(name));
  const ofAccount = (arn: string) => others().find(({ place }) => arn.split(':')[4] === place.account);
  const owner = (arn: string) => {
    const [, , service, , , resource = ''] = arn.split(':');
    return service === 's3' ? ofBucket(resource.split('/')[0]!) : ofAccount(arn);
  };
  return {
    has: ({ account }: { account: string }) => others().some(({ place }) => place.account === account),
    hasBucket: (name: string) => ofBucket(name) !== undefined,
    keyArn: (id: string) => ofAccount(id)?.keyArn(id),
    /** Whose a resource of another account is, and its policies; undefined for one of this account's. */
    ownerOf(arn: string): Abroad | undefined {
      const found = owner(arn);
      return found && { account: found.place.account, policies: found.policiesOf(arn) };
    },
    /** Requests about another account's bucket go there; all others stay. */
    s3:
      (own: Service): Service =>
      (request) =>
        (ofBucket(bucketOf(request))?.s3 ?? own)(request),
    kms:
      (own: Service): Service =>
      (request) =>
        (ofAccount(keyOf(request))?.kms ?? own)(request),
    send: (busArn: string, event: StatusChange): boolean => {
      const to = ofAccount(busArn);
      to?.receive(event);
      return to !== undefined;
    },
  };
};

const bucketOf = (request: AwsRequest): string => {
  try {
    return addressed(request).bucket;
  } catch {
    return '';
  }
};

const keyOf = ({ body }: AwsRequest): string => {
  try {
    return String(JSON.parse(body.toString()).KeyId ?? '');
  } catch {
    return '';
  }
};
