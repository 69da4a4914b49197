import { AwsError } from '../protocol/aws-error.ts';
import { stateFile } from '../protocol/state-file.ts';
import type { Place } from '../service.ts';
import { parseCalendar } from './change-calendar.ts';

/** A change calendar: the only type of document that the local cloud keeps. */
export type Document = { name: string; content: string; version: number };
export type DocumentStore = ReturnType<typeof documentStore>;

/** SSM documents, in one file. */
export const documentStore = ({ place, file }: { place: Place; file: string }) => {
  const disk = stateFile<Document[]>(file, []);
  const documents = new Map(disk.read().map((it) => [it.name, it]));
  const write = () => disk.write([...documents.values()]);

  return {
    arn: (name: string) => `arn:${place.partition}:ssm:${place.region}:${place.account}:document/${name}`,
    /** By name or ARN. */
    find(id: string): Document {
      const found = documents.get(id.startsWith('arn:') ? (id.split(':document/')[1] ?? '') : id);
      if (!found) throw new AwsError('InvalidDocument', `Document with name ${id} does not exist.`);
      return found;
    },
    has: (name: string) => documents.has(name),
    /** Puts a document down, or a new version in its place. */
    put(name: string, content: string): Document {
      if (!/^[\w.-]{3,128}$/.test(name))
        throw new AwsError('ValidationException', `Document name "${name}" is invalid.`);
      parseCalendar(content);
      const document = { name, content, version: (documents.get(name)?.version ?? 0) + 1 };
      documents.set(name, document);
      write();
      return document;
    },
    remove(name: string): void {
      documents.delete(name);
      write();
    },
  };
};
