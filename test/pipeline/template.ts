import { mkdtempSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { synthesize } from '../../lib/local/synthesize.ts';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import { MigrationPipeline } from '../../lib/pipeline/migration-pipeline.ts';
import type { MigrationPipelineProps } from '../../lib/pipeline/props.ts';
import { temporary } from './temporary.ts';

type Properties = Record<string, unknown>;
type Resource = { id: string; type: string; properties: Properties; deletionPolicy?: string };

/** A template's resources under their construct's name, intrinsic functions replaced by what they say. */
export type Template = Resource[];

/** The sample app as `cdk synth` makes it, and what else it writes. */
export const sampleApp = async () => {
  const directory = join(temporary, 'sample');
  await synthesize('.', directory);
  const files = (await readdir(directory)).filter((it) => it.endsWith('.template.json'));
  const file = async (name: string) => JSON.parse(await readFile(join(directory, name), 'utf8'));
  return {
    stacks: files.map((it) => it.replace('.template.json', '')),
    staging: templateOf(await file('OrdersStaging.template.json')),
    production: templateOf(await file('OrdersProduction.template.json')),
    file,
  };
};

/** The template of a pipeline with these props, and small ones where they are silent. */
export const pipelineTemplate = async (props: Partial<MigrationPipelineProps>): Promise<Template> => {
  const app = await emptyApp();
  new MigrationPipeline(new Stack(app, 'Stack'), 'Migrations', {
    service: 'orders',
    environment: 'test',
    fleet: [{ cluster: 'one', secret: 'one', databases: ['acme'] }],
    ...props,
  });
  return templateOf(app.synth().getStackByName('Stack').template);
};

export const SHARED_CALENDAR = 'arn:aws:ssm:eu-central-1:210987654321:document/company';

/** A pipeline with a Slack app, windows and a domain, after another in a stack of its own; and what cdk-nag says of both. */
export const slackApp = async () => {
  const app = await emptyApp();
  const common = { service: 'orders', fleet: [{ cluster: 'one', secret: 'one', databases: ['acme'] }] };
  const previous = new MigrationPipeline(new Stack(app, 'Staging'), 'Migrations', {
    ...{ ...common, environment: 'staging' },
  });
  const stack = new Stack(app, 'Production');
  new MigrationPipeline(stack, 'Migrations', {
    ...{ ...common, environment: 'production', promotion: [{ after: [previous] }] },
    approval: Approval.by({
      people: [
        { name: 'Ada', mail: 'ada@example.com', slack: 'UADA0001' },
        { name: 'Berta', slack: 'UBERTA01', iam: ['arn:aws:iam::123456789012:user/berta'] },
        { name: 'Cleo', mail: 'cleo@example.com', iam: ['arn:aws:iam::123456789012:user/cleo'] },
      ],
      breakGlass: { by: ['Cleo'] },
      slack: { mode: 'app', secret: 'lockstep/slack', team: 'T012AB3CD', channel: 'C012AB3CD' },
    }),
    endpoint: {
      domainName: 'approve.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1',
    },
    windows: { timeZone: 'Europe/Berlin', calendars: ['changes', SHARED_CALENDAR] },
  });
  const nag = new AwsSolutionsChecks(app);
  Validations.of(app).addPlugins(nag);
  const directory = app.synth();
  const report = JSON.parse(await readFile(join(directory.directory, 'validation-report.json'), 'utf8'));
  const synthesized = directory.getStackByName('Production').template;
  return { template: templateOf(synthesized), outputs: synthesized.Outputs ?? {}, report };
};

/** An app with the settings of ours, to be filled. */
export const emptyApp = async (): Promise<App> => {
  const { context } = JSON.parse(await readFile('cdk.json', 'utf8'));
  return new App({ outdir: mkdtempSync(join(temporary, 'app-')), context, analyticsReporting: false });
};

export const ofType = (of: Template, type: string): Resource[] => of.filter((it) => it.type === type);

/** The properties of the one resource of that type and, if there are several, that name. */
export const only = (of: Template, type: string, id?: string): Properties => {
  const found = ofType(of, type).filter((it) => id === undefined || it.id === id);
  if (found.length !== 1) throw new Error(`${found.length} of ${type} ${id ?? ''}`);
  return found[0]!.properties;
};

export const templateOf = ({ Resources }: { Resources: Record<string, Properties> }): Template =>
  Object.entries(Resources).map(([id, { Type, Properties, DeletionPolicy }]) => ({
    id: short(id),
    type: Type as string,
    properties: plain(Properties) as Properties,
    ...(DeletionPolicy === undefined ? {} : { deletionPolicy: DeletionPolicy as string }),
  }));

/** `{ "Fn::GetAtt": ["MigrationsBundlesBEC8565E", "Arn"] }` as `<Bundles.Arn>`, and so on. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const [[key, argument] = [], ...others] = Object.entries(value);
  if (others.length === 0) {
    if (key === 'Ref') return pseudo[argument] ?? `<${short(argument)}>`;
    if (key === 'Fn::GetAtt') return `<${short(argument[0])}.${argument[1]}>`;
    if (key === 'Fn::ImportValue') return imported(argument);
    if (key === 'Fn::Join') return argument[1].map(plain).join(argument[0]);
    if (key === 'Fn::Sub') return argument.replaceAll(/\$\{([\w:]+)\}/g, (_: string, name: string) => pseudo[name]);
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
};

const pseudo: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '123456789012',
};

/** `OrdersStaging:ExportsOutputFnGetAttMigrationsBundlesBEC8565EArn1A2B3C4D` as `<OrdersStaging:Bundles.Arn>`. */
const imported = (name: string): string => {
  const [, stack, id, attribute] =
    /^(\w+):ExportsOutput(?:FnGetAtt|Ref)Migrations(\w+?)[0-9A-F]{8}(Arn)?[0-9A-F]{8}$/.exec(name) ?? [];
  return stack ? `<${stack}:${id}${attribute ? `.${attribute}` : ''}>` : `<${name}>`;
};

const short = (logicalId: string): string => logicalId.replace(/^Migrations(\w+)[0-9A-F]{8}$/, '$1');
