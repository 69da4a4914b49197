import type { AwsResponse } from '../service.ts';

/** API Gateway's own answers are JSON with one member. */
export const gatewayMessage = (status: number, message: string): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

/** What the client gets for what the function returned: without a statusCode, the whole result is a JSON body. */
export const proxyResponse = (payload: string): AwsResponse => {
  const result: unknown = JSON.parse(payload);
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as Record<string, unknown>;
  const status = Number(statusCode);
  const wellFormed =
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    (body === undefined || body === null || typeof body === 'string');
  if (!wellFormed) return gatewayMessage(500, 'Internal Server Error');
  const lower = Object.entries(Object(headers)).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(lower.filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding')),
      ...(Array.isArray(cookies) && cookies.length > 0 ? { 'set-cookie': cookies.join('\n') } : {}),
    },
    body: isBase64Encoded ? Buffer.from(String(body ?? ''), 'base64') : String(body ?? ''),
  };
};
