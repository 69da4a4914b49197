import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, realClock } from './clock.ts';
import { type DeployedStack, deployer } from './deploy/deploy.ts';
import { randomString } from './deploy/random-string.ts';
import { roles } from './deploy/roles.ts';
import { dynamodb } from './dynamodb/dynamodb.ts';
import { openTables } from './dynamodb/tables.ts';
import { faultsOf, faulty } from './faults/faults.ts';
import { type FaultPlan, parseFaults } from './faults/plan.ts';
import { httpApis } from './http-api/http-api.ts';
import { asRole } from './iam/as-role.ts';
import { authorizer, type Decision } from './iam/authorizer.ts';
import { guarded } from './iam/guard.ts';
import { mappings } from './iam/mappings.ts';
import { resourcePolicies as policiesOfResources } from './iam/resource-policies.ts';
import { asynchronous } from './lambda/asynchronous.ts';
import { functions } from './lambda/functions.ts';
import { lambda } from './lambda/lambda.ts';
import { invokeAsTask } from './lambda/task.ts';
import { rds } from './rds/rds.ts';
import { dataApi } from './rds-data/data-api.ts';
import { objectStore, plainObjects } from './s3/object-store.ts';
import { s3 } from './s3/s3.ts';
import { secretsManager } from './secrets-manager/secrets-manager.ts';
import { vault as openVault } from './secrets-manager/vault.ts';
import { serve } from './server.ts';
import type { Place } from './service.ts';
import type { Message } from './sns/inbox.ts';
import { sns } from './sns/sns.ts';
import { parameterStore } from './ssm/parameter-store.ts';
import { ssm } from './ssm/ssm.ts';
import { stepFunctions } from './step-functions/step-functions.ts';
import { credentials } from './sts/credentials.ts';
import { sts } from './sts/sts.ts';

export type { DeployedStack, Message };

export type CloudOptions = {
  /** All state lives here; a cloud opened on it later finds everything. One cloud at a time. */
  directory: string;
  /** @default the machine's */
  clock?: Clock;
  /** @default any free one */
  port?: number;
  /** @default us-east-1, or AWS_REGION, in account 000000000000 */
  place?: Partial<Place>;
  /** What is to go wrong with calls. @default what LOCKSTEP_FAULTS says, or nothing */
  faults?: FaultPlan;
  /** Told what nobody waits for: failures of asynchronous events and of functions behind an API. */
  log?: (line: string) => void;
};

export type LocalCloud = {
  /** `http://127.0.0.1:<port>`: AWS_ENDPOINT_URL for every service. */
  endpoint: string;
  place: Place;
  /** What lets the AWS CLI or any SDK talk to it. */
  environment(): Record<string, string>;
  /** Deploys every stack of a CDK cloud assembly, those of nested stages included, each after those it needs. */
  deploy(assemblyDirectory: string): Promise<DeployedStack[]>;
  /** What a user has in AWS already: an Aurora cluster and its secret, made with a random password unless it exists. */
  createCluster(it: { identifier: string; databases: string[]; secret: string }): Promise<void>;
  /** What SNS would have delivered by mail or to the web. */
  inbox: { messages(): Message[]; on(listener: (message: Message) => void): () => void };
  transitions(executionArn: string): number;
  dataApiCalls(clusterArn?: string): number;
  /** Roles with all their statements, as deployed. */
  roles: ReturnType<typeof roles>;
  /** What roles asked for and whether they may: the listener is told of each from now on. Returns what ends that. */
  onDecision(listener: (decision: Decision) => void): () => void;
  /** How many faults have struck calls; undefined where none are planned. */
  faultsInjected(): number | undefined;
  stop(): Promise<void>;
};

/** AWS on one machine: one HTTP port on loopback that speaks AWS's own wire protocols. */
export const openCloud = async (options: CloudOptions): Promise<LocalCloud> => {
  const { clock = realClock, port = 0, log = () => {} } = options;
  const planned =
    options.faults ?? (process.env.LOCKSTEP_FAULTS ? parseFaults(process.env.LOCKSTEP_FAULTS) : undefined);
  const faults = planned && faultsOf(planned);
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const region = process.env.AWS_REGION || 'us-east-1';
  const place: Place = { partition: 'aws', region, account: '000000000000', ...options.place };
  let endpoint = '';

  const keys = credentials(place);
  const tables = await openTables(join(directory, 'dynamodb'), place);
  const store = objectStore(join(directory, 's3'), clock);
  const vault = openVault({ place, clock, file: join(directory, 'secrets.json') });
  const parameters = parameterStore({ place, clock, file: join(directory, 'parameters.json') });
  const lambdas = functions({
    ...{ place, clock, directory: join(directory, 'lambda'), logs: join(directory, 'logs') },
    endpoint: () => endpoint,
    credentials: keys.of,
  });
  const events = asynchronous(lambdas, clock, log);
  const apis = httpApis({ place, clock, functions: lambdas, log });
  const messages = sns({
    ...{ place, clock },
    notify(functionArn, event, topicArn) {
      if (lambdas.permits(functionArn, 'sns.amazonaws.com', topicArn)) events.send(functionArn, JSON.stringify(event));
      else log(`${topicArn} has no permission to invoke ${functionArn}`);
    },
  });
  const allRoles = roles(place);
  const resourcePolicies = policiesOfResources();
  const authority = authorizer({
    ...{ place, clock, resourcePolicies },
    role: (name) =>
      allRoles.has(name) ? { arn: allRoles.find(name).arn, statements: allRoles.statements(name) } : undefined,
  });
  const machines = stepFunctions({
    ...{ place, clock },
    ...asRole(place, authority, {
      invoke: invokeAsTask(lambdas),
      objects: plainObjects(store),
      isMissing: (bucket, key) => store.has(bucket) && !store.bucket(bucket).current(key)?.body,
    }),
  });
  const secrets = { value: async (id: string) => (vault.has(id) ? vault.value(id) : undefined) };
  const databases = rds({ place, clock, directory: join(directory, 'rds'), secrets });
  const data = dataApi({ clock, clusters: databases.cluster, secrets });

  const deploy = deployer({
    ...{ place, store, tables, apis, parameters, vault, topics: messages.topics, functions: lambdas },
    ...{ roles: allRoles, resourcePolicies },
    endpoint: () => endpoint,
    stepFunctions: machines,
    folders: new Map(),
  });
  // What `cdk bootstrap` leaves behind, as far as templates look at it.
  if (!parameters.find(BOOTSTRAP)) parameters.put({ name: BOOTSTRAP, type: 'String', value: '30' }, true);

  const services = {
    dynamodb: dynamodb(tables),
    lambda: lambda(lambdas, events),
    rds: databases.service,
    'rds-data': data.service,
    s3: s3({ store, place }),
    secretsmanager: secretsManager(vault),
    sns: messages.service,
    ssm: ssm(parameters),
    states: machines.service,
    sts: sts(place),
  };
  const known = mappings(place, { tables, store, vault, stateMachines: machines });
  const checked = guarded(services, known, authority);
  const server = await serve(port, {
    services: faults ? faulty(checked, faults, clock) : checked,
    apis: apis.service,
    principal: keys.principal,
  }).catch(async (error) => {
    await lambdas.close();
    await tables.close();
    throw error;
  });
  endpoint = `http://127.0.0.1:${server.port}`;

  return {
    endpoint,
    place,
    deploy,
    roles: allRoles,
    onDecision: authority.on,
    inbox: messages.inbox,
    transitions: machines.transitions,
    faultsInjected: () => faults?.injected(),
    dataApiCalls: (resourceArn) => data.calls(resourceArn === undefined ? {} : { resourceArn }),
    environment: () => ({
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: place.region,
      AWS_DEFAULT_REGION: place.region,
      // Any would do. These are nobody's, so that a mistaken call to AWS itself could do no harm.
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
    async createCluster({ identifier, databases: names, secret }) {
      const value = () =>
        JSON.stringify({ username: 'migrator', password: randomString({ ExcludePunctuation: true }) });
      const { arn } = vault.has(secret) ? vault.find(secret) : vault.create(secret, { string: value() });
      await databases.createCluster({ identifier, databases: names, secretArn: arn, httpEndpointEnabled: true });
    },
    async stop() {
      events.close();
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
