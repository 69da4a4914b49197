import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { failure } from '../failure.ts';

/** A deployed pipeline, as its parameter describes it. */
export const Pipeline = z.object({
  service: z.string(),
  environment: z.string(),
  stateMachineArn: z.string(),
  /** Missing where an earlier version of Lockstep was deployed. */
  restoreStateMachineArn: z.string().optional(),
  previewStateMachineArn: z.string().optional(),
  driftStateMachineArn: z.string().optional(),
  /** Environments that its paths name; whether a mistake there hurts customers. Missing likewise. */
  after: z.array(z.string()).optional(),
  production: z.boolean().optional(),
  bucket: z.string(),
  ledger: z.string(),
  approvalUrl: z.string(),
  /** Where it is declared, and the table where that says to look into one. */
  fleet: z.object({ bucket: z.string(), key: z.string(), table: z.string().optional() }),
  /** Where the approval policy lies; null where nobody is asked. */
  policy: z.object({ bucket: z.string(), key: z.string() }).nullish(),
});

export type Pipeline = z.infer<typeof Pipeline>;

/** An environment was named that has no pipeline. */
export const UnknownEnvironment = failure(
  'UnknownEnvironment',
  (it: { environment: string; known: string[] }) =>
    `There is no environment ${it.environment}. ${it.known.length > 0 ? `There are: ${it.known.join(', ')}.` : 'No pipeline is deployed.'}`,
);

/** All pipelines in an account and region, by the name of their parameter. */
export const findPipelines = async (client: Pick<SSMClient, 'send'>): Promise<Map<string, Pipeline>> => {
  const found = new Map<string, Pipeline>();
  let token: string | undefined;
  do {
    const { Parameters = [], NextToken } = await client.send(
      new GetParametersByPathCommand({ Path: '/lockstep/', Recursive: true, ...(token ? { NextToken: token } : {}) }),
    );
    for (const { Name = '', Value = '' } of Parameters) found.set(Name, Pipeline.parse(JSON.parse(Value)));
    token = NextToken;
  } while (token !== undefined);
  return found;
};
