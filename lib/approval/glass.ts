import { metricLines } from '../ledger/metrics.ts';
import type { ApprovalRequest, Vote } from '../ledger/request.ts';
import { breakGlassMail } from './mail.ts';
import type { Post } from './post.ts';

/** The vote that let a run go ahead alone, if there is one. */
export const brokenBy = ({ votes }: Pick<ApprovalRequest, 'votes'>): Vote | undefined =>
  votes.find(({ breakGlass, withdrawnAt }) => breakGlass && withdrawnAt === undefined);

/** Writes the metric that raises the alarm, and tells everybody: in every way that works. */
export const tellBrokenGlass = async (
  post: Pick<Post, 'mail' | 'say'>,
  request: ApprovalRequest,
  vote: Vote,
  write: (line: string) => void,
): Promise<void> => {
  const { service, environment, run } = request;
  const lines = metricLines({ service, environment }, new Date(vote.at), { GlassBroken: 1 }, { run, by: vote.by });
  for (const line of lines) write(line);
  const everybody = request.policy.people.filter(({ mail }) => mail).map(({ name }) => name);
  const said = `${vote.by} has let run ${run} of ${service} go ahead in ${environment} alone: ${vote.reason}`;
  const told = await Promise.allSettled([post.mail(everybody, breakGlassMail(request, vote)), post.say(said)]);
  for (const it of told) if (it.status === 'rejected') throw it.reason;
};
