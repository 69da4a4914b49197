/** Who may call it: everyone, or whom IAM lets. */
export type Authorization = 'NONE' | 'AWS_IAM';
export type Route = { key: string; functionArn: string; authorization: Authorization };
export type Match = { route: Route; pathParameters: Record<string, string> };

/**
 * The most specific route for a request, as API Gateway chooses: a full match before a greedy one, a static segment before
 * a variable, a method before ANY, `$default` last. A method is itself only: no route for GET answers HEAD, and none but one
 * for OPTIONS or ANY, or `$default`, answers OPTIONS.
 */
export const match = (routes: Route[], method: string, path: string): Match | undefined => {
  const found = routes
    .flatMap((route) => {
      const pathParameters = parameters(route.key, method, path);
      return pathParameters ? [{ route, pathParameters }] : [];
    })
    .sort((a, b) => (rank(a.route.key) < rank(b.route.key) ? -1 : 1));
  return found[0];
};

/** Would API Gateway take this route key? */
export const isRouteKey = (key: string) =>
  key === '$default' || /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/([\w.~%-]+|\{\w+\+?\}|\/)*$/.test(key);

const parameters = (key: string, method: string, path: string): Record<string, string> | undefined => {
  if (key === '$default') return {};
  const [verb, template = ''] = key.split(' ');
  if (verb !== 'ANY' && verb !== method) return undefined;
  const wanted = segments(template);
  const given = segments(path);
  const found: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const name = /^\{(\w+)(\+?)\}$/.exec(segment);
    const rest = given.slice(index);
    if (rest.length === 0) return undefined;
    if (name?.[2]) return { ...found, [name[1]!]: rest.map(decode).join('/') };
    if (name) found[name[1]!] = decode(rest[0]!);
    else if (segment !== rest[0]) return undefined;
  }
  return wanted.length === given.length ? found : undefined;
};

const segments = (path: string) => path.split('/').slice(1);

const decode = (segment: string) => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** Sorts the more specific key first: compared segment by segment, static `0`, variable `1`, greedy `2`. */
const rank = (key: string) => {
  if (key === '$default') return '9';
  const [verb, template = ''] = key.split(' ');
  const kinds = segments(template).map((it) => (it.endsWith('+}') ? '2' : it.startsWith('{') ? '1' : '0'));
  return `${kinds.join('')}${verb === 'ANY' ? '~' : '-'}`;
};
