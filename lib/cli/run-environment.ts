import { userInfo } from 'node:os';
import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { approvalLink } from './decide-by-page.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { type FollowOptions, followRun, type HeldNow } from './follow-run.ts';
import type { Deployed } from './local-cloud.ts';
import type { Pipeline } from './pipelines.ts';
import type { Progress } from './progress.ts';
import { type Started, startRevert, startRun } from './start-run.ts';

/** What a run is to do: bring a bundle, or take back what an earlier run applied. */
export type Order = { bundle: Bundle; digest: string; authors?: string[] } | { revert: string };

/** Takes a bundle through one environment of the local cloud, or a run back, telling how it goes. */
export const runEnvironment = async (
  { cloud, clients }: Deployed,
  pipeline: Pipeline,
  order: Order,
  progress: Progress,
  approve: (link: string) => void,
  held: (link: string) => void = () => {},
): Promise<EnvironmentResult> => {
  const calls = cloud.dataApiCalls();
  let byMail = false;
  const asked = (text: string, isHeld: boolean): boolean => {
    const link = approvalLink(text, pipeline.approvalUrl);
    if (link !== undefined) (isHeld ? held : approve)(link);
    return link !== undefined;
  };
  const listening = [
    cloud.inbox.on(({ subject = '', body }) => {
      if (asked(body, /^(Held|Still held): /.test(subject))) byMail = true;
    }),
    // By the link in Slack one reads only. There it stands as <address|words>.
    cloud.slack.on(({ blocks, text }) => {
      if (!byMail) asked(JSON.stringify(blocks).replace(/[<|]/g, ' '), / is held: /.test(text));
    }),
  ];
  try {
    const requestedBy = userInfo().username;
    const started =
      'revert' in order
        ? await startRevert(clients, pipeline, { ...order, requestedBy })
        : await startRun(clients, pipeline, { ...order, requestedBy });
    const result = await seeThrough(clients, pipeline, started, progress, {
      interval: 150,
      measured: () => ({
        stateTransitions: cloud.transitions(started.execution),
        dataApiCalls: cloud.dataApiCalls() - calls,
      }),
    });
    if ('for' in result) throw new Error(`the run ${started.run} was left while it waits`);
    return result;
  } finally {
    for (const end of listening) end();
  }
};

/** What a run waits for that was left to itself: people, what its path asks for, or its window. What is not known is null. */
export type Waiting = {
  for: 'approval' | 'hold' | 'promotion' | 'window';
  /** The wave after which it is held, or that waits for its window. */
  wave: number | null;
  reason: string | null;
  /** When its window opens, or when it is too late to say what becomes of what is held. */
  until: string | null;
};

/** What people may say of it, each by a command of that name. */
const answersTo = ({ canRevert }: HeldNow, environment: string, run: string): string =>
  `lockstep resume ${environment} ${run} lets it go on; ${canRevert ? 'revert and abandon end it' : 'abandon ends it'}`;

/**
 * Follows a run to its end, telling how it goes; what it waits for where nobody is to wait for that. `joined`: it was
 * begun before.
 */
export const seeThrough = async (
  clients: Clients,
  pipeline: Pipeline,
  started: Started,
  progress: Progress,
  {
    measured = () => ({}),
    joined = false,
    ...options
  }: FollowOptions & {
    joined?: boolean;
    measured?: () => Partial<Pick<EnvironmentResult, 'stateTransitions' | 'dataApiCalls'>>;
  },
): Promise<EnvironmentResult | Waiting> => {
  const { environment } = pipeline;
  const since = performance.now();
  progress({ event: 'started', environment, ...started });
  for await (const happened of followRun(clients, pipeline, started, options)) {
    if (happened.event === 'waiting') {
      const { held } = happened;
      const hint = held ? answersTo(held, environment, started.run) : 'a message to the approvers tells where';
      const { wave = null, reason = null, expiresAt: until = null } = held ?? {};
      const waiting = { for: happened.for, wave, reason, until };
      progress({ event: 'waiting', environment, link: null, hint, held, for: happened.for });
      if (options.leaveWaiting) return waiting;
      continue;
    }
    if (happened.event === 'arriving') {
      progress({ ...happened, environment });
      if (options.leaveWaiting)
        return { for: 'promotion', wave: null, reason: happened.missing.join('; '), until: null };
      continue;
    }
    if (happened.event === 'parked') {
      progress({ ...happened, environment });
      const { wave, reason, until } = happened.parked;
      if (options.leaveWaiting) return { for: 'window', wave, reason, until };
      continue;
    }
    if (happened.event !== 'ended') {
      progress({ ...happened, environment });
      continue;
    }
    const { status, report, error, cause } = happened;
    const result: EnvironmentResult = {
      environment,
      status,
      run: started.run,
      execution: started.execution,
      revert: started.revert,
      revertedBy: report?.revertedBy ?? null,
      planDigest: report?.planDigest ?? null,
      failure: status === 'SUCCEEDED' ? null : (report?.failure ?? { error, cause }),
      approvals: report?.approvals ?? [],
      holds: report?.holds ?? [],
      databases: report?.databases ?? [],
      unfit: report?.unfit ?? [],
      // A report of an earlier version has none.
      differences: report?.differences ?? null,
      drift: report?.drift ?? [],
      stateTransitions: null,
      dataApiCalls: report?.dataApiCalls ?? 0,
      ...measured(),
      seconds: Number((joined ? happened.seconds : (performance.now() - since) / 1000).toFixed(1)),
    };
    progress({ event: 'ended', environment, result });
    return result;
  }
  throw new Error(`the run ${started.run} was lost sight of`);
};
