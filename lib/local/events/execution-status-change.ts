import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Place } from '../service.ts';
import type { Execution } from '../step-functions/engine.ts';
import { redriveStatus } from '../step-functions/executions.ts';

export const SOURCE = 'aws.states';
export const DETAIL_TYPE = 'Step Functions Execution Status Change';

export type StatusChange = ReturnType<typeof executionStatusChange>;

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export const executionStatusChange = ({ account, region }: Place, clock: Clock, it: Execution) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': DETAIL_TYPE,
  source: SOURCE,
  account,
  time: clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z'),
  region,
  resources: [it.arn],
  detail: {
    executionArn: it.arn,
    stateMachineArn: it.mapRun ? `${it.stateMachine.arn}/${it.mapRun.label}` : it.stateMachine.arn,
    name: it.name,
    status: it.status,
    startDate: it.startDate.getTime(),
    stopDate: it.stopDate?.getTime() ?? null,
    ...data('input', it.inputText),
    ...data('output', it.output),
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: it.redriveCount,
    redriveDate: it.redriveDate?.getTime() ?? null,
    ...redriveStatus(it),
    error: it.error ?? null,
    cause: it.cause ?? null,
  },
});

/** Left out where it is too much for an event, as it stands in JSON: escaped. */
const data = <Name extends 'input' | 'output'>(name: Name, text: string | undefined) => {
  const included = text !== undefined && Buffer.byteLength(JSON.stringify(text)) <= 248 * 1024;
  const details = text === undefined ? null : { included };
  return { [name]: included ? text : null, [`${name}Details`]: details };
};
