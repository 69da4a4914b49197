import { setTimeout as sleep } from 'node:timers/promises';
import { APPROVE, REASON, REJECT } from '../../lib/approval/slack/blocks.ts';
import { type Clients, clients } from '../../lib/cli/clients.ts';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { askEndpoint } from '../../lib/cli/endpoint.ts';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import type { Happening } from '../../lib/cli/progress.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import type { Report } from '../../lib/fleet/report.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { getRequest } from '../../lib/ledger/requests.ts';
import { bundle } from '../../lib/migrations/build.ts';
import type { Person } from '../../lib/policy/approval-policy.ts';
import { folderOf } from '../helpers/folder.ts';
import type { Stage } from './stage.ts';

/** Credentials as `AWS_…` variables hold them. */
export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

type Decision = 'approved' | 'rejected';

/** What can be done about one run that waits. */
export type Question = ReturnType<typeof questionOf>;

/** People of the shop, with all the ways they have to decide. */
export const approvers = (it: Stage) => {
  const may = [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }];
  /** By IAM: Ada is a user, Berta a session of a role that others have too, Carl whoever has his role. */
  const keys = {
    ada: (): Keys => it.deployed.cloud.createUser({ name: 'ada', statements: may }).accessKey,
    berta: (): Keys => it.deployed.cloud.createRole({ name: 'Admin', statements: may }).session('berta@example.com'),
    carl: (session = 'anything'): Keys =>
      it.deployed.cloud.createRole({ name: 'OnCall', path: '/teams/', statements: may }).session(session),
    stranger: (): Keys => it.deployed.cloud.createUser({ name: 'stranger', statements: may }).accessKey,
    nobody: (): Keys => it.deployed.cloud.createUser({ name: 'nobody' }).accessKey,
  };
  const clientsOf = (held: Keys): Clients =>
    clients({ endpoint: it.deployed.cloud.endpoint, region: it.deployed.cloud.place.region, ...held });

  /** Acts when the first mail of a run asks for approval, and when the first one reminds. Gives what ends that. */
  const during = (
    environment: string,
    run: () => string,
    ...acts: (((question: Question) => Promise<unknown>) | undefined)[]
  ) => {
    let acted: Promise<unknown> = Promise.resolve();
    const end = it.deployed.cloud.inbox.on(({ subject = '', body }) => {
      if (!body.includes(`Run ${run()},`)) return;
      const at = subject.startsWith('Still waiting') ? 1 : 0;
      const act = acts[at];
      acts[at] = undefined;
      if (!act) return;
      acted = it.clock.busy(Promise.all([acted, act(questionOf(it, environment, run(), clientsOf))]));
      acted.catch(() => {});
    });
    return async () => {
      end();
      await acted;
    };
  };

  return {
    keys,
    clientsOf,
    /** Runs files, and does something while the run waits: once, time standing still. */
    async run(
      environment: string,
      files: Record<string, string>,
      meanwhile: (question: Question) => Promise<unknown>,
      {
        as,
        authors = [],
        again,
      }: { as?: Keys; authors?: string[]; again?: (question: Question) => Promise<unknown> } = {},
    ): Promise<EnvironmentResult> {
      const bundled = await bundle(await folderOf(files));
      const connected = as ? { ...it.deployed, clients: clientsOf(as) } : it.deployed;
      let run = '';
      const on = (happening: Happening) => {
        if (happening.event === 'started') run = happening.run;
      };
      const ended = during(environment, () => run, meanwhile, again);
      const result = await runEnvironment(connected, it.pipeline(environment), { ...bundled, authors }, on, () => {});
      await ended();
      return result;
    },
    /** Starts a run as anybody can who may call Step Functions, and does something while it waits. */
    async runUnannounced(
      environment: string,
      run: string,
      files: Record<string, string>,
      meanwhile: (question: Question) => Promise<unknown>,
    ): Promise<Report> {
      const ended = during(environment, () => run, meanwhile);
      const report = await it.runAs(run, environment, files);
      await ended();
      return report;
    },
  };
};

const questionOf = (it: Stage, environment: string, run: string, clientsOf: (keys: Keys) => Clients) => {
  const pipeline = it.pipeline(environment);
  const { cloud, clients } = it.deployed;
  const table = { client: clients.dynamodb, name: pipeline.ledger };
  const request = async (): Promise<ApprovalRequest> => (await getRequest(table, run))!;
  const mails = (person: Person, word: 'Approve' | 'Still waiting' = 'Approve') =>
    cloud.inbox.messages().filter(({ to, body, subject }) => {
      return to?.endpoint === person.mail && body.includes(`Run ${run},`) && subject?.startsWith(`${word}:`);
    });
  const mail = (person: Person, word?: 'Approve' | 'Still waiting') => until(() => mails(person, word)[0]);
  const link = async (person: Person, word?: 'Approve' | 'Still waiting') =>
    approvalLink((await mail(person, word)).body, pipeline.approvalUrl)!;
  const message = () =>
    until(() => cloud.slack.messages().find(({ blocks, threadTs }) => !threadTs && says(blocks, run)));
  /** Presses a button, and gives what sends the modal off that opens upon it. */
  const modal = async (person: Person, decision: Decision) => {
    const { ts } = await message();
    const user = person.slack!;
    const pressed = await cloud.slack.click({ user, ts, actionId: decision === 'approved' ? APPROVE : REJECT });
    const view = cloud.slack.view(`T0${environment.toUpperCase()}`, user);
    if (!view) throw new Error(`no modal: ${JSON.stringify(pressed)}`);
    return async (reason = ''): Promise<string> => {
      const before = cloud.slack.messages().length;
      const { trouble } = await cloud.slack.submit({ user, viewId: view.id, values: { [REASON]: reason } });
      if (trouble) throw new Error(trouble);
      return until(async () => {
        const said = cloud.slack.messages().slice(before);
        const refused = said.find(({ ephemeralTo }) => ephemeralTo === user);
        if (refused) return refused.text;
        const { votes } = await request();
        return votes.some((vote) => vote.by === person.name && vote.decision === decision) ? 'counted' : undefined;
      });
    };
  };
  const ask = (keys: Keys, method: 'GET' | 'POST', path: string, body?: object) =>
    askEndpoint(clientsOf(keys), pipeline, { method, path: `/runs/${run}${path}`, ...(body ? { body } : {}) });

  return {
    ...{ run, environment, request, mails, mail, link, message },
    page: async (person: Person, decision: Decision, reason = '') =>
      decideByPage(await link(person), { decision, environment, reason }),
    modal,
    /** Presses the button, fills in the modal, and waits until what was said is in the ledger or was refused. */
    slack: async (person: Person, decision: Decision, reason = '') => (await modal(person, decision))(reason),
    async iam(keys: Keys, decision: Decision | 'withdrawn', reason = '', more: object = {}) {
      const { planDigest } = await ask(keys, 'GET', '/approval');
      return ask(keys, 'POST', '/decision', { decision, reason, planDigest, ...more });
    },
    ask,
  };
};

/** Asks again until there is something. */
export const until = async <It>(look: () => It | undefined | Promise<It | undefined>): Promise<It> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(30);
  }
};

const says = (blocks: unknown[], text: string): boolean => JSON.stringify(blocks).includes(text);
