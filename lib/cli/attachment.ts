import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { MOST_BYTES } from '../approval/evidence-api.ts';
import { failure } from '../failure.ts';

/** A file can't be kept with what is said. */
export const FileUnfit = failure(
  'FileUnfit',
  (it: { file: string; reason: string }) => `${it.file} can't be attached: ${it.reason}.`,
);

/** A file as it travels with what is said. @throws FileUnfit */
export const attachment = async (file: string): Promise<{ name: string; content: string }> => {
  const content = await readFile(file).catch((cause: Error) => {
    throw new FileUnfit({ file, reason: cause.message }, { cause });
  });
  if (content.length > MOST_BYTES) {
    const reason = `it has ${content.length} bytes, and ${MOST_BYTES} are the most: give its address with --url`;
    throw new FileUnfit({ file, reason });
  }
  return { name: basename(file), content: content.toString('base64') };
};
