import { AwsError } from '../protocol/aws-error.ts';

/** The elements of PostgreSQL's text for a one-dimensional array. @throws UnsupportedResultException for more dimensions */
export const arrayElements = (text: string): (string | null)[] => {
  // Bounds other than from 1 stand in front: [0:1]={a,b}
  const body = text.replace(/^(\[-?\d+:-?\d+\])+=/, '').slice(1, -1);
  if (body === '') return [];
  const elements: (string | null)[] = [];
  for (let at = 0; at <= body.length; ) {
    if (body[at] === '{')
      throw new AwsError('UnsupportedResultException', 'The result contains a multidimensional array');
    const [raw, end] = body[at] === '"' ? quoted(body, at) : bare(body, at);
    elements.push(raw);
    at = end + 1;
  }
  return elements;
};

const bare = (body: string, at: number): [string | null, number] => {
  const comma = body.indexOf(',', at);
  const end = comma < 0 ? body.length : comma;
  const raw = body.slice(at, end);
  return [raw === 'NULL' ? null : raw, end];
};

const quoted = (body: string, at: number): [string, number] => {
  let value = '';
  let next = at + 1;
  for (; body[next] !== '"'; next += 1) {
    if (body[next] === '\\') next += 1;
    value += body[next];
  }
  return [value, next + 1];
};
