import { Duration, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type ApprovalPolicy, members } from '../policy/approval-policy.ts';
import { Promotion } from '../policy/promotion/path.ts';
import type { MigrationPipeline } from './migration-pipeline.ts';

/** An environment that another CDK app deploys; there, `readers` has to name the account of this one. */
export type UpstreamEnvironment = {
  environment: string;
  account: string;
  region: string;
  /** Its bucket, as its SSM parameter tells. */
  bucket: string;
};

/** A check besides the environments before: `e2e`, `performance`, `uat`, `change-ticket`. */
export type EvidenceProps = {
  name: string;
  /** ARNs of users, roles or sessions of roles whose word counts. @default whoever may call the endpoint */
  by?: string[];
  /** A regular expression for the whole address that is given with it, or its last part. @default none is asked for */
  matching?: string;
  /** The environment in which it has to be attested. @default this one, or any before it */
  in?: string;
};

/** A way by which a bundle comes to an environment. */
export type PromotionPath = {
  /** @default 'regular' */
  name?: string;
  /**
   * Where the same bundle has to have succeeded before, on the whole fleet: each of these. A pipeline of this app in
   * another account gets a bucket with a name that CDK gives it: one that is deployed already, and has none, is better
   * described as an {@link UpstreamEnvironment}, and keeps its bucket.
   */
  after: (MigrationPipeline | UpstreamEnvironment)[];
  /** For how long it has to have stood there. @default no time */
  soak?: Duration;
  /** @default none */
  evidence?: (string | EvidenceProps)[];
  /** Approvals that this path needs at least, whatever the risk. @default as `approval` says */
  approvals?: number;
  /** People and groups whose approval counts on this path. @default as `approval` says */
  by?: string[];
  /**
   * Whether a success before starts a run here: at once, or as soon as what else is asked for is there. Where `approval`
   * asks people, that run waits for them. @default false
   */
  automatic?: boolean;
  /** How long such a run waits for what is missing: a week at most, and no shorter than `soak`. @default 7 days */
  patience?: Duration;
};

/** It looks every quarter of an hour, which some weeks of would fill the history that Step Functions keeps of it. */
const A_WEEK = Duration.days(7);

/** The paths as the pipeline's functions read them. */
export const promotionOf = (paths: PromotionPath[]): Promotion => ({
  paths: paths.map(({ name = 'regular', after, soak = Duration.seconds(0), ...it }) => ({
    name,
    after: after.map(({ environment }) => ({ environment, soak: soak.toSeconds({ integral: false }) })),
    evidence: (it.evidence ?? []).map((one) => {
      const {
        name: check,
        by = null,
        matching = null,
        in: where = null,
      } = typeof one === 'string' ? { name: one } : one;
      return { name: check, by, matching, in: where };
    }),
    approvals: it.approvals ?? null,
    by: it.by ?? null,
    patience: it.automatic ? (it.patience ?? A_WEEK).toSeconds() : null,
  })),
});

/** Everything that makes paths ones by which nothing, or the wrong thing, could come. */
export const promotionProblems = (
  paths: PromotionPath[],
  { environment, policy }: { environment: string; policy: ApprovalPolicy | null },
): string[] => {
  const shape = Promotion.safeParse(promotionOf(paths)).error?.issues ?? [];
  if (shape.length > 0) return shape.map(({ path, message }) => `promotion.${path.join('.')}: ${message}`);
  const { paths: all } = promotionOf(paths);
  const names = all.map(({ name }) => name);
  return [
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `promotion: there are two paths ${name}`),
    ...all.flatMap(({ name, after, evidence, approvals, by, patience }) => {
      const at = `promotion.${name}`;
      const known = new Set([environment, ...after.map((it) => it.environment)]);
      return [
        ...(after.some((it) => it.environment === environment) ? [`${at}.after: nothing comes after itself`] : []),
        ...evidence.flatMap(({ name: check, matching, in: where }, index) => [
          ...(evidence.findIndex((it) => it.name === check && it.in === where) < index
            ? [`${at}.evidence: ${check} is asked for twice${where === null ? '' : ` in ${where}`}`]
            : []),
          ...(where !== null && !known.has(where) ? [`${at}.evidence.${check}.in: ${where} is not on this path`] : []),
          ...(matching !== null && !isPattern(matching)
            ? [`${at}.evidence.${check}.matching: no regular expression that an address could match`]
            : []),
        ]),
        ...(patience === null ? [] : patienceProblems(at, after[0]!.soak, patience)),
        ...((approvals !== null || by !== null) && policy === null
          ? [`${at}: nobody approves here; give it \`approval\``]
          : []),
        ...(policy === null ? [] : stricterProblems(at, policy, approvals, by)),
      ];
    }),
  ];
};

/** A run that gives up before its time has come never comes to anything. */
const patienceProblems = (at: string, soak: number, patience: number): string[] => {
  if (patience > A_WEEK.toSeconds()) return [`${at}.patience: at most a week`];
  return soak > patience
    ? [`${at}.patience: it ends before \`soak\` does; a run that starts by itself waits for a week at most`]
    : [];
};

/** Who started the run may be one of them, and doesn't count. */
const stricterProblems = (
  at: string,
  policy: ApprovalPolicy,
  approvals: number | null,
  by: string[] | null,
): string[] => {
  const strange = (by ?? []).filter(
    (name) => !Object.hasOwn(policy.groups, name) && !policy.people.some((it) => it.name === name),
  );
  const unknown = strange.map((name) => `${at}.by: ${name} is neither a person nor a group of \`approval\``);
  return unknown.concat(
    Object.entries(policy.rules).flatMap(([risk, rule]) => {
      const quorum = Math.max(approvals ?? 0, rule.approvals);
      const there = members(policy, by ?? rule.by).length;
      return quorum > there ? [`${at}: ${quorum} have to approve ${risk} risk, and ${there} may`] : [];
    }),
  );
};

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    // The empty one is met by whatever ends in a slash.
    return text !== '';
  } catch {
    return false;
  }
};

/** Whether what is made for one stack is in the same account as another, as far as that is known when synthesizing. */
export const isSameAccount = (scope: Construct, account: string): boolean => {
  const own = Stack.of(scope).account;
  return own === account || (Token.isUnresolved(own) && Token.isUnresolved(account));
};
