import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { stateFile } from '../protocol/state-file.ts';
import type { Place } from '../service.ts';

export type Parameter = {
  name: string;
  type: 'String' | 'StringList' | 'SecureString';
  value: string;
  version: number;
  modified: string;
  description?: string;
};
export type ParameterStore = ReturnType<typeof parameterStore>;

/** Parameter Store, in one file of mode 0600. */
export const parameterStore = ({ place, clock, file }: { place: Place; clock: Clock; file: string }) => {
  const disk = stateFile<Parameter[]>(file, []);
  const parameters = new Map(disk.read().map((it) => [it.name, it]));

  return {
    /** By name or ARN; a version may follow after a colon, but only the newest is kept. */
    find(id: string): Parameter | undefined {
      const [name = '', version] = (id.startsWith('arn:') ? id.split(':parameter')[1]! : id).split(':');
      const found = parameters.get(name) ?? parameters.get(name.replace(/^\//, ''));
      return found && (version === undefined || Number(version) === found.version) ? found : undefined;
    },
    all: () => [...parameters.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    arn: ({ name }: Parameter) =>
      `arn:${place.partition}:ssm:${place.region}:${place.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`,

    put(it: Pick<Parameter, 'name' | 'type' | 'value' | 'description'>, overwrite: boolean): Parameter {
      const standing = parameters.get(it.name);
      if (standing && !overwrite) {
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option.',
        );
      }
      if (!/^\/?[\w.-]+(\/[\w.-]+){0,14}$/.test(it.name)) {
        throw new AwsError('ValidationException', `Parameter name "${it.name}" is invalid.`);
      }
      if (it.value === '' || Buffer.byteLength(it.value) > 4096) {
        throw new AwsError(
          'ValidationException',
          `A standard parameter's value has 1 to 4,096 bytes; ${it.name} has ${it.value.length}.`,
        );
      }
      const parameter = { ...it, version: (standing?.version ?? 0) + 1, modified: clock.now().toISOString() };
      parameters.set(it.name, parameter);
      disk.write([...parameters.values()]);
      return parameter;
    },

    remove(name: string) {
      const existed = parameters.delete(name);
      if (existed) disk.write([...parameters.values()]);
      return existed;
    },
  };
};
