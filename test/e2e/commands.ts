import { vi } from 'vitest';
import { lockstep } from '../helpers/lockstep.ts';
import type { Keys } from './approvers.ts';
import type { Stage } from './stage.ts';

/** Runs a command line with somebody's AWS credentials; without any, as the owner of the account. */
export const commands = (it: Stage) => {
  const printed: string[] = [];
  const as = async (keys: Keys | null, ...line: string[]) => {
    const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = it.deployed.cloud.environment();
    const variables = {
      ...{ AWS_ENDPOINT_URL, AWS_REGION, AWS_EC2_METADATA_DISABLED: 'true' },
      AWS_ACCESS_KEY_ID: keys?.accessKeyId ?? AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: keys?.secretAccessKey ?? AWS_SECRET_ACCESS_KEY,
      AWS_SESSION_TOKEN: keys?.sessionToken,
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    try {
      const ended = await lockstep(...line);
      printed.push(ended.stdout, ended.stderr);
      return ended;
    } finally {
      vi.unstubAllEnvs();
    }
  };
  return { as, printed };
};
