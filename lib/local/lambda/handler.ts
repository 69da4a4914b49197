import { realpathSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Handler = (event: unknown, context: object) => unknown;

/** Finds `dir/file.export` below the task root, as Lambda does, and names each way of failing as Lambda does. */
export const loadHandler = async (root: string, specified: string): Promise<Handler> => {
  const [, path, exported] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(specified) ?? [];
  if (!path || !exported) throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const file = ['', '.js', '.mjs', '.cjs'].map((end) => join(root, path + end)).find(isFile);
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${path}'`);
  const found = exported.split('.').reduce<unknown>((it, name) => Object(it)[name], await load(file));
  if (typeof found === 'function' && found.length < 3) return found as Handler;
  if (typeof found === 'function') throw named('Runtime.CallbackHandlerDeprecated', NO_CALLBACKS);
  if (found === undefined) throw named('Runtime.HandlerNotFound', `${specified} is undefined or not exported`);
  throw named('Runtime.HandlerNotFound', `${specified} is not a function`);
};

/** nodejs24.x goes by the number of parameters that the handler declares. */
const NO_CALLBACKS =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
  'You need to modify this function to use a supported handler signature to use Node.js 24 or later.';

/** An error by the public name that Lambda gives it. */
export const named = (name: string, message: string) => Object.assign(new Error(message), { name });

/**
 * Nothing outside the function's own code can be imported, except the AWS SDK, which Lambda's runtime brings along:
 * a package that was forgotten in the bundle must be missing here, too, and not turn up in some node_modules further up.
 */
export const confineModules = (root: string) => {
  const home = pathToFileURL(realpathSync(root)).href;
  const ours = createRequire(import.meta.url).resolve;
  const own = (url: string | undefined) => url?.startsWith(`${home}/`) ?? false;
  registerHooks({
    resolve(specifier, context, next) {
      if (!own(context.parentURL)) return next(specifier, context);
      try {
        const found = next(specifier, context);
        if (!found.url.startsWith('file:') || own(found.url)) return found;
      } catch (error) {
        if (!SDK.test(specifier)) throw error;
      }
      if (SDK.test(specifier)) return { url: pathToFileURL(ours(specifier)).href, shortCircuit: true };
      throw Object.assign(new Error(`Cannot find module '${specifier}'\nRequire stack:\n- ${context.parentURL}`), {
        code: 'MODULE_NOT_FOUND',
      });
    },
  });
};

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const SDK = /^@(aws-sdk|smithy)\//;

const load = async (file: string): Promise<unknown> => {
  try {
    return file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : await required(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error));
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', `Error: ${message}`);
    }
    throw error;
  }
};

const required = async (file: string): Promise<unknown> => {
  try {
    return createRequire(file)(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return import(pathToFileURL(file).href);
  }
};
