import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  paginateListMapRuns,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { MapTime } from './prediction.ts';

/** What an execution's history holds: how many events, and the longest text in one of them. */
export type Extent = { events: number; longest: number; transitions: number };

/** A run as Step Functions tells of it. Of each map run one child stands for all. */
export type Measured = {
  seconds: number;
  parent: Extent;
  child: Extent;
  maps: Omit<MapTime, 'rdsCalls'>[];
};

export const measure = async (sfn: SFNClient, executionArn: string): Promise<Measured> => {
  const { startDate, stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const maps: Measured['maps'] = [];
  let child: Extent = { events: 0, longest: 0, transitions: 0 };
  for await (const { mapRuns = [] } of paginateListMapRuns({ client: sfn }, { executionArn }))
    for (const { mapRunArn = '' } of mapRuns) {
      const run = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ mapRunArn, maxResults: 1 }));
      const [one] = executions;
      const extent = one ? await extentOf(sfn, one.executionArn!) : { events: 0, longest: 0, transitions: 0 };
      child = {
        events: Math.max(child.events, extent.events),
        longest: Math.max(child.longest, extent.longest),
        transitions: Math.max(child.transitions, extent.transitions),
      };
      maps.push({
        label: /mapRun:[^/]+\/([^:]+):/.exec(mapRunArn)?.[1] ?? mapRunArn,
        from: run.startDate!.getTime() / 1000,
        to: run.stopDate!.getTime() / 1000,
        children: run.executionCounts!.total!,
        childSeconds: one ? (one.stopDate!.getTime() - one.startDate!.getTime()) / 1000 : 0,
        childTransitions: extent.transitions,
      });
    }
  const seconds = (stopDate!.getTime() - startDate!.getTime()) / 1000;
  return { seconds, parent: await extentOf(sfn, executionArn), child, maps: maps.toReversed() };
};

const extentOf = async (sfn: SFNClient, executionArn: string): Promise<Extent> => {
  const extent: Extent = { events: 0, longest: 0, transitions: 0 };
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) }),
    );
    for (const event of page.events ?? []) {
      extent.events += 1;
      if (event.type?.endsWith('StateEntered')) extent.transitions += 1;
      extent.longest = Math.max(extent.longest, ...textsOf(event).map((text) => Buffer.byteLength(text)));
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return extent;
};

const textsOf = (event: HistoryEvent): string[] =>
  Object.values(event).flatMap((details) =>
    typeof details === 'object' && details !== null
      ? Object.values(details as object).filter((it): it is string => typeof it === 'string')
      : [],
  );
