import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { failure } from '../../failure.ts';
import type { Template } from '../template/template.ts';

export type FileAsset = { path: string; packaging: 'file' | 'zip'; bucket: string; key: string };
export type AssembledStack = {
  name: string;
  template: Template;
  assets: FileAsset[];
  /** `aws://<account>/<region>`; either may be unknown. */
  environment: string;
};

export const UnreadableAssembly = failure(
  'UnreadableAssembly',
  ({ directory, problem }: { directory: string; problem: string }) =>
    `The cloud assembly ${directory} can't be deployed: ${problem}`,
);

type Artifact = {
  type: string;
  environment?: string;
  dependencies?: string[];
  properties?: { templateFile?: string; stackName?: string; file?: string; directoryName?: string };
};

/** The stacks of a CDK cloud assembly and of the stages nested in it, each after those it depends on. */
export const readAssembly = (directory: string): AssembledStack[] => {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new UnreadableAssembly({ directory, problem: 'it has no manifest.json. Run `cdk synth` first.' });
  }
  const { artifacts = {} }: { artifacts?: Record<string, Artifact> } = json(join(directory, 'manifest.json'));
  return ordered(directory, artifacts).flatMap(([id, artifact]) => {
    if (artifact.type === 'cdk:cloud-assembly')
      return readAssembly(resolve(directory, artifact.properties!.directoryName!));
    if (artifact.type !== 'aws:cloudformation:stack') return [];
    const assets = (artifact.dependencies ?? [])
      .map((name) => artifacts[name])
      .filter((it) => it?.type === 'cdk:asset-manifest')
      .flatMap((it) => readAssets(directory, it!.properties!.file!));
    const { stackName = id, templateFile } = artifact.properties!;
    return {
      name: stackName,
      template: json(join(directory, templateFile!)),
      assets,
      environment: artifact.environment ?? '',
    };
  });
};

const ordered = (directory: string, artifacts: Record<string, Artifact>) => {
  const done = new Map<string, Artifact>();
  const visit = (id: string, path: string[]) => {
    const artifact = artifacts[id];
    if (!artifact || done.has(id)) return;
    if (path.includes(id))
      throw new UnreadableAssembly({
        directory,
        problem: `its stacks depend on each other: ${[...path, id].join(' → ')}.`,
      });
    for (const needed of artifact.dependencies ?? []) visit(needed, [...path, id]);
    done.set(id, artifact);
  };
  for (const id of Object.keys(artifacts)) visit(id, []);
  return [...done];
};

type AssetManifest = {
  files?: Record<
    string,
    { source: { path?: string; packaging?: string; executable?: string[] }; destinations: Record<string, Destination> }
  >;
  dockerImages?: Record<string, unknown>;
};
type Destination = { bucketName: string; objectKey: string };

const readAssets = (directory: string, file: string): FileAsset[] => {
  const { files = {}, dockerImages = {} }: AssetManifest = json(join(directory, file));
  if (Object.keys(dockerImages).length > 0)
    throw new UnreadableAssembly({ directory, problem: `${file} has container images.` });
  return Object.values(files).flatMap(({ source, destinations }) => {
    if (!source.path)
      throw new UnreadableAssembly({ directory, problem: `${file} has an asset that a command must make first.` });
    const path = resolve(directory, source.path);
    const packaging = source.packaging === 'zip' ? 'zip' : 'file';
    return Object.values(destinations).map(
      ({ bucketName, objectKey }) => ({ path, packaging, bucket: bucketName, key: objectKey }) as const,
    );
  });
};

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
