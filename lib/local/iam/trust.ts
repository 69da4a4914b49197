import type { Place } from '../service.ts';
import { compile, type Statement } from './statement.ts';

/** May this service assume a role with that trust policy, for that resource? @throws UnsupportedPolicy */
export const trusts = ({ account, region }: Place, trust: Statement[], service: string, sourceArn: string): boolean => {
  // A service may be named for the whole world or for its Region.
  const callers = [{ service: `${service}.amazonaws.com` }, { service: `${service}.${region}.amazonaws.com` }];
  const keys: Record<string, string[]> = { 'aws:sourcearn': [sourceArn], 'aws:sourceaccount': [account] };
  const request = { action: 'sts:AssumeRole', resource: '*', context: (key: string) => keys[key] };
  const meant = trust
    .map((it) => compile(it, 'trust'))
    .filter((it) => callers.some((caller) => it.principals?.(caller)) && it.speaksOf(request));
  return meant.length > 0 && meant.every(({ effect }) => effect === 'Allow');
};
