import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { checkNow } from '../../lib/cli/drift-check.ts';
import { driftView } from '../../lib/cli/drift-view.ts';
import { type Deployed, openLocalCloud } from '../../lib/cli/local-cloud.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { virtualClock } from '../../lib/local/clock.ts';
import { bundle } from '../../lib/migrations/build.ts';

const HELP = `Usage: npm run drift -- [options]

Brings a fleet of made-up tenants on real PostgreSQL to the sample's newest migration, changes two of them by hand, and
checks for drift: the synthesized state machine with its real handlers, roles and wire protocols, on virtual time.

  --databases N  how many  (default: 500)
  --json         { databases, seconds, dataApiCalls, findings } on stdout

  seconds        of this machine, from the start of the check to its report

Exit code: 0 exactly what was changed was found, 1 it was not, 2 wrong usage.`;

/** Databases that share a cluster. */
const EACH = 100;

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  const { databases, json } = options;
  const clock = virtualClock(new Date());
  const deployed = await openLocalCloud({
    ...{ clock, app: join(import.meta.dirname, 'drift'), tell },
    context: { databases, each: EACH },
  });
  try {
    const [pipeline] = deployed.pipelines;
    // The clusters' first backups come a while after the clusters.
    await clock.sleep(3_600_000);
    tell(`bringing ${databases} databases to the newest migration`);
    const ran = await runEnvironment(
      deployed,
      pipeline!,
      await bundle('migrations'),
      () => {},
      () => {},
    );
    if (ran.failure) throw new Error(`${ran.failure.error}: ${ran.failure.cause}`);
    await byHand(deployed, 1, 'CREATE INDEX by_hand ON customers (id)');
    await byHand(deployed, databases, 'CREATE TABLE by_hand (id integer)');
    tell('checking for drift');
    const [since, calls] = [performance.now(), deployed.cloud.dataApiCalls()];
    const report = await checkNow(deployed.clients, pipeline!, 50);
    const seconds = Number(((performance.now() - since) / 1000).toFixed(1));
    const dataApiCalls = deployed.cloud.dataApiCalls() - calls;
    tell(driftView(report, false));
    const figures = { databases: report.databases, seconds, dataApiCalls, findings: report.findings.length };
    process.stdout.write(
      json
        ? `${JSON.stringify(figures)}\n`
        : `\n${figures.databases} databases in ${seconds} s, ${dataApiCalls} Data API calls\n`,
    );
    const found = report.findings.flatMap((it) => it.databases.map(({ database }) => database));
    const changed = [nameOf(1), nameOf(databases)];
    return found.toSorted().join() === changed.toSorted().join() ? 0 : 1;
  } finally {
    await deployed.close();
  }
};

const read = (): { databases: number; json: boolean } | number => {
  try {
    const { values } = parseArgs({
      options: {
        databases: { type: 'string', default: '500' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      return 0;
    }
    if (!/^[1-9]\d{0,3}$/.test(values.databases) || values.databases === '1')
      throw new Error(`--databases takes a number from 2 to 9999, not "${values.databases}".`);
    return { databases: Number(values.databases), json: values.json };
  } catch (error) {
    tell(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
};

const clusterOf = (tenant: number): string => `tenants-${Math.ceil(tenant / EACH)}`;
const nameOf = (tenant: number): string => `${clusterOf(tenant)}/tenant_${tenant}`;

const byHand = async ({ cloud }: Deployed, tenant: number, sql: string): Promise<void> => {
  const { endpoint, place } = cloud;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const data = new RDSDataClient({ endpoint, region: place.region, credentials });
  const resourceArn = `arn:aws:rds:${place.region}:${place.account}:cluster:${clusterOf(tenant)}`;
  const secretArn = `lockstep/${clusterOf(tenant)}`;
  await data.send(new ExecuteStatementCommand({ resourceArn, secretArn, database: `tenant_${tenant}`, sql }));
};

const tell = (line: string) => void process.stderr.write(`${line}\n`);

process.exitCode = await main();
