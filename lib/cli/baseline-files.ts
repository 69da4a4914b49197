import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../database/baseline/match.ts';
import { failure } from '../failure.ts';
import { bundle } from '../migrations/build.ts';

export const MapNotRead = failure(
  'MapNotRead',
  (it: { file: string; reason: string }) =>
    `${it.file} can't be read as a map (${it.reason}). Write a JSON object like {"theirs": "007", "not ours": null}.`,
);

/** A folder's migrations with the bytes of their files. @throws FolderNotFound, MigrationsInvalid */
export const readFiles = async (folder: string): Promise<Files> => {
  const { migrations } = (await bundle(folder)).bundle;
  const contents = new Map<string, Buffer>();
  for (const { file } of migrations) contents.set(file, await readFile(join(folder, file)));
  return { migrations, contents };
};

/** @throws MapNotRead */
export const readMap = async (file: string | undefined): Promise<Record<string, string | null> | undefined> => {
  if (file === undefined) return undefined;
  try {
    return TheMap.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new MapNotRead({ file, reason }, { cause });
  }
};

const TheMap = z.record(z.string(), z.string().nullable());
