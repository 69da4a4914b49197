// Puts a file at a pull request as a comment. Its first line is a marker: a comment of this job's own that begins with
// it is written anew, so that there is one, however often this runs.
import { readFile } from 'node:fs/promises';

const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST } = process.env;
const body = await readFile(process.argv[2], 'utf8');
const marker = body.split('\n')[0];

const ask = async (method, path, content) => {
  const answer = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/issues/${path}`, {
    method,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
    ...(content ? { body: JSON.stringify(content) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.ok) return answer.json();
  const hint = answer.status === 403 ? ' The job needs the permission pull-requests: write.' : '';
  throw new Error(`GitHub answers ${answer.status} to ${method} ${path}.${hint}`);
};

/** Anybody may begin a comment with the marker: only a bot's is taken. */
const find = async () => {
  for (let page = 1; ; page += 1) {
    const comments = await ask('GET', `${PULL_REQUEST}/comments?per_page=100&page=${page}`);
    const found = comments.find((it) => it.user?.type === 'Bot' && it.body?.split(/\r?\n/)[0] === marker);
    if (found || comments.length < 100) return found;
  }
};

const found = await find();
if (found) await ask('PATCH', `comments/${found.id}`, { body });
else await ask('POST', `${PULL_REQUEST}/comments`, { body });
