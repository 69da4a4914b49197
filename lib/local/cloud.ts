import { join, resolve } from 'node:path';
import { realClock } from './clock.ts';
import type { CloudOptions } from './cloud-options.ts';
import { alarms as alarmsOf } from './cloudwatch/alarms.ts';
import { cloudwatch } from './cloudwatch/cloudwatch.ts';
import { notify } from './cloudwatch/notify.ts';
import { type DeployedStack, deployer } from './deploy/deploy.ts';
import { roles } from './deploy/roles.ts';
import { dynamodb } from './dynamodb/dynamodb.ts';
import { openTables } from './dynamodb/tables.ts';
import { environmentFor } from './environment.ts';
import { executionStatusChange } from './events/execution-status-change.ts';
import { rules } from './events/rules.ts';
import { toNeighbour } from './events/to-neighbour.ts';
import { faultsOf, faulty } from './faults/faults.ts';
import { invokeWithFaults } from './faults/invoke.ts';
import { type FaultPlan, parseFaults } from './faults/plan.ts';
import { httpApis } from './http-api/http-api.ts';
import { iamAuthorization } from './http-api/iam-authorization.ts';
import { asRole } from './iam/as-role.ts';
import { authorizer, type Decision } from './iam/authorizer.ts';
import { guarded } from './iam/guard.ts';
import { type Identities, identities } from './iam/identities.ts';
import { mappings } from './iam/mappings.ts';
import { resourcePolicies as policiesOfResources } from './iam/resource-policies.ts';
import { roleOf } from './iam/sessions.ts';
import { users as usersOf } from './iam/users.ts';
import { inboxPages } from './inbox/inbox.ts';
import { signingKeys } from './kms/keys.ts';
import { kms } from './kms/kms.ts';
import { asynchronous } from './lambda/asynchronous.ts';
import { functions } from './lambda/functions.ts';
import { lambda } from './lambda/lambda.ts';
import { invokeAsTask } from './lambda/task.ts';
import { neighbourhood } from './neighbours.ts';
import { turningAway } from './protocol/turn-away.ts';
import { rds } from './rds/rds.ts';
import { type ClusterWithSecret, withSecret } from './rds/with-secret.ts';
import { dataApi } from './rds-data/data-api.ts';
import { objectStore, plainObjects } from './s3/object-store.ts';
import { s3 } from './s3/s3.ts';
import { schedules } from './scheduler/schedules.ts';
import { startsExecutions } from './scheduler/starts-executions.ts';
import { secretsManager } from './secrets-manager/secrets-manager.ts';
import { vault as openVault } from './secrets-manager/vault.ts';
import { serve } from './server.ts';
import type { Place } from './service.ts';
import { slack as openSlack, type Slack } from './slack/slack.ts';
import type { Message } from './sns/inbox.ts';
import { sns } from './sns/sns.ts';
import { documentStore } from './ssm/documents.ts';
import { parameterStore } from './ssm/parameter-store.ts';
import { ssm } from './ssm/ssm.ts';
import { makeStateFolder } from './state-folder.ts';
import { archiveIn } from './step-functions/archive.ts';
import { stepFunctions } from './step-functions/step-functions.ts';
import { credentials } from './sts/credentials.ts';
import { sts } from './sts/sts.ts';
import { parseSwitches } from './switches-variable.ts';
import { watched } from './watched.ts';

export type { CloudOptions, DeployedStack, Message };

export type LocalCloud = Identities & {
  /** `http://127.0.0.1:<port>`: AWS_ENDPOINT_URL for every service. */
  endpoint: string;
  place: Place;
  /** What lets the AWS CLI or any SDK talk to it. */
  environment(): Record<string, string>;
  /** Deploys every stack of a CDK cloud assembly, those of nested stages included, each after those it needs. */
  deploy(assemblyDirectory: string): Promise<DeployedStack[]>;
  /** What a user has in AWS already: an Aurora cluster and its secret, made with a random password unless it exists. */
  createCluster(it: ClusterWithSecret): Promise<void>;
  /** What SNS would have delivered by mail or to the web. */
  inbox: { messages(): Message[]; on(listener: (message: Message) => void): () => void };
  /** Slack's stand-in: workspaces with the app in them, what it posted there, and people who press its buttons. */
  slack: Slack;
  transitions(executionArn: string): number;
  dataApiCalls(clusterArn?: string): number;
  /** Roles with all their statements, as deployed. */
  roles: ReturnType<typeof roles>;
  /** What roles asked for and whether they may: the listener is told of each from now on. Returns what ends that. */
  onDecision(listener: (decision: Decision) => void): () => void;
  /** How many faults have struck calls; undefined where none were planned. */
  faultsInjected(): number | undefined;
  /** Lets calls go wrong from now on, as planned. Returns what ends that, and tells how many faults have struck. */
  inject(plan: FaultPlan): () => number;
  /** Pauses a cluster as Aurora's auto-pause does; the next call of the Data API resumes it. */
  pauseCluster(clusterArn: string): void;
  stop(): Promise<void>;
};

/** AWS on one machine: one HTTP port on loopback that speaks AWS's own wire protocols. */
export const openCloud = async (options: CloudOptions): Promise<LocalCloud> => {
  const { clock = realClock, port = 0, log = () => {}, neighbours = neighbourhood() } = options;
  const planned =
    options.faults ?? (process.env.LOCKSTEP_FAULTS ? parseFaults(process.env.LOCKSTEP_FAULTS) : undefined);
  const faults = faultsOf(...(planned ? [planned] : []));
  const switches = { ...parseSwitches(process.env.LOCKSTEP_SWITCHES), ...options.switches };
  const directory = resolve(options.directory);
  makeStateFolder(directory);
  const region = process.env.AWS_REGION || 'us-east-1';
  const place: Place = { partition: 'aws', region, account: '000000000000', ...options.place };
  let endpoint = '';

  const keys = credentials(place);
  const tables = await openTables(join(directory, 'dynamodb'), place);
  const store = objectStore(join(directory, 's3'), clock);
  const vault = openVault({ place, clock, file: join(directory, 'secrets.json') });
  const documents = documentStore({ place, file: join(directory, 'documents.json') });
  const parameters = parameterStore({ place, clock, file: join(directory, 'parameters.json') });
  const lambdas = functions({
    ...{ place, clock, directory: join(directory, 'lambda'), logs: join(directory, 'logs') },
    endpoint: () => endpoint,
    credentials: keys.of,
    ...(options.lasts ? { lasts: options.lasts } : {}),
  });
  const signing = signingKeys({ place, clock, file: join(directory, 'kms.json') });
  const abroad = neighbours.around(place);
  const events = asynchronous(lambdas, clock, log);
  const slack = openSlack({ clock, endpoint: () => endpoint });
  const allRoles = roles(place);
  const users = usersOf(place);
  const resourcePolicies = policiesOfResources();
  const authority = authorizer({
    ...{ place, clock, resourcePolicies, user: users.find, abroad: abroad.ownerOf },
    role: (name) =>
      allRoles.has(name) ? { arn: allRoles.find(name).arn, statements: allRoles.statements(name) } : undefined,
  });
  const authorize = iamAuthorization({ place, clock, keys, authorizer: authority });
  const apis = httpApis({ place, clock, functions: lambdas, authorize, log });
  const messages = sns({
    ...{ place, clock, address: () => endpoint },
    notify: (functionArn, event, topic) =>
      events.sendFor({ principal: 'sns.amazonaws.com', arn: topic }, functionArn, JSON.stringify(event)),
  });
  const eventRules = rules({
    invoke: (functionArn, payload, rule) =>
      events.sendFor({ principal: 'events.amazonaws.com', arn: rule }, functionArn, payload),
    send: toNeighbour({ place, authority, abroad, log }),
  });
  const machines = stepFunctions({
    onStatus: (execution) => eventRules.emit(() => executionStatusChange(place, clock, execution)),
    ...{ place, clock, switches: switches.stepFunctions, archive: archiveIn(join(directory, 'executions')) },
    childrenPerSecond: options.childrenPerSecond,
    ...asRole(place, authority, {
      invoke: invokeWithFaults(invokeAsTask(lambdas), faults, clock),
      objects: plainObjects(store),
      isMissing: (bucket, key) => store.has(bucket) && !store.bucket(bucket).current(key)?.body,
    }),
  });
  const recurring = schedules(clock, startsExecutions(place, authority, machines), log);
  const alarms = alarmsOf({
    ...{ place, clock, file: join(directory, 'alarms.json') },
    act: notify(place, messages.publish, log),
  });
  const secrets = { value: async (id: string) => (vault.has(id) ? vault.value(id) : undefined) };
  const databases = rds({ place, clock, directory: join(directory, 'rds'), secrets, ...options.rds });
  await databases.resume().catch(async (error) => {
    await tables.close();
    throw error;
  });
  const data = dataApi({
    ...{ clock, clusters: databases.cluster, secrets, switches: switches.dataApi },
    ...(options.openSession ? { openSession: options.openSession } : {}),
  });

  const deploy = deployer({
    ...{ place, store, tables, apis, documents, parameters, vault, topics: messages.topics, functions: lambdas },
    ...{ clock, alarms, schedules: recurring, rules: eventRules, roles: allRoles, resourcePolicies, keys: signing },
    isNeighbour: (account) => abroad.has({ account }),
    endpoint: () => endpoint,
    stepFunctions: machines,
    folders: new Map(),
  });
  // What `cdk bootstrap` leaves behind, as far as templates look at it.
  if (!parameters.find(BOOTSTRAP)) parameters.put({ name: BOOTSTRAP, type: 'String', value: '30' }, true);

  const own = { s3: s3({ store, place }), kms: kms(signing) };
  const services = {
    dynamodb: dynamodb(tables),
    kms: abroad.kms(own.kms),
    lambda: lambda(lambdas, events),
    monitoring: cloudwatch(alarms),
    rds: databases.service,
    'rds-data': data.service,
    s3: abroad.s3(own.s3),
    secretsmanager: secretsManager(vault),
    sns: messages.service,
    ssm: ssm(parameters, documents, clock),
    states: machines.service,
    sts: sts({ place, clock, keys, roles: allRoles, authorizer: authority }),
  };
  const known = mappings(place, {
    ...{ tables, vault, stateMachines: machines, tagsOf: databases.tagsOf },
    store: { has: (bucket) => store.has(bucket) || abroad.hasBucket(bucket) },
    keyArn: (id) => signing.resolve(id) ?? abroad.keyArn(id),
  });
  const checked = watched(guarded(services, known, authority), options.onCall);
  const server = await serve(port, {
    services: faulty(checked, faults, clock, (principal) => {
      if (roleOf(principal) !== undefined) lambdas.kill(principal.split('/').at(-1)!);
    }),
    apis: apis.service,
    open: { slack: slack.service, inbox: inboxPages({ mails: messages.inbox, slack, endpoint: () => endpoint }) },
    principal: keys.principal,
    turnAway: turningAway(keys, clock),
  }).catch(async (error) => {
    await lambdas.close();
    await tables.close();
    throw error;
  });
  const leave = neighbours.join({
    ...{ ...own, place, hasBucket: store.has, keyArn: signing.resolve, policiesOf: resourcePolicies.of },
    receive: (event) => eventRules.emit(() => event),
  });
  endpoint = `http://127.0.0.1:${server.port}`;

  return {
    endpoint,
    place,
    deploy,
    ...identities({ place, clock, roles: allRoles, users, keys }),
    roles: allRoles,
    onDecision: authority.on,
    inbox: messages.inbox,
    slack,
    transitions: machines.transitions,
    faultsInjected: () => (planned ? faults.injected() : undefined),
    inject: faults.add,
    pauseCluster: data.pause,
    dataApiCalls: (resourceArn) => data.calls(resourceArn === undefined ? {} : { resourceArn }),
    environment: () => environmentFor(endpoint, place, keys.owner),
    createCluster: withSecret(vault, databases),
    async stop() {
      leave();
      events.close();
      recurring.close();
      // The callers first, then what they call.
      await machines.close();
      await lambdas.close();
      await server.close();
      await data.close();
      await databases.stop();
      await tables.close();
    },
  };
};

const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';
