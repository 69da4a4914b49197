import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isSameAccount, type PromotionPath, type UpstreamEnvironment } from './promotion-props.ts';

/** A pipeline as the others of its app see it. */
export type Declared = {
  pipeline: IConstruct;
  service: string;
  environment: string;
  promotion: PromotionPath[];
};

/** What was declared so far, by the root of the app. */
const apps = new WeakMap<IConstruct, Declared[]>();

/** Lets those that are declared later know of it. */
export const declare = (it: Declared): void => {
  apps.set(it.pipeline.node.root, [...others(it), it]);
};

/** Everything that makes a pipeline, sound by itself, one that can't be beside the others of its app. */
export const pathProblems = (it: Declared): string[] => {
  const before = others(it);
  const same = before.find((other) => isTwin(other, it));
  if (same) {
    const { service, environment } = it;
    return [`environment: ${same.pipeline.node.path} is the pipeline of ${service} in ${environment} already`];
  }
  const strange = it.promotion.flatMap(({ name = 'regular', after }) =>
    after.flatMap((one) =>
      'node' in one && one.service !== it.service
        ? [`promotion.${name}.after: ${one.node.path} is of the service ${one.service}, not of ${it.service}`]
        : [],
    ),
  );
  return strange.length > 0 ? strange : circles([...before, it]);
};

const others = ({ pipeline }: Declared): Declared[] => apps.get(pipeline.node.root) ?? [];

/** In one account and region they would have one name; what is not known of either before it is deployed is the same. */
const isTwin = (one: Declared, another: Declared): boolean => {
  const [here, there] = [Stack.of(one.pipeline), Stack.of(another.pipeline)];
  return (
    one.service === another.service &&
    one.environment === another.environment &&
    isSameAccount(one.pipeline, there.account) &&
    (here.region === there.region || (Token.isUnresolved(here.region) && Token.isUnresolved(there.region)))
  );
};

/** Whether a pipeline may be the one that is described as one elsewhere: where it is, may not be known yet. */
const isDescribed = (it: Declared, service: string, by: UpstreamEnvironment): boolean => {
  const { account, region } = Stack.of(it.pipeline);
  const may = (one: string, another: string) => one === another || Token.isUnresolved(one);
  return (
    it.service === service && it.environment === by.environment && may(account, by.account) && may(region, by.region)
  );
};

/** Paths on which a bundle would have to have been where they lead to. Another path may lead out of a circle, and into it. */
const circles = (all: Declared[]): string[] =>
  all.flatMap((it) => {
    const open = reached(all, it);
    return it.promotion.flatMap(({ name = 'regular', after }) => {
      const closed = after.filter((one) => !isOpen(all, open, it.service, one)).map(({ environment }) => environment);
      return closed.length === 0
        ? []
        : [
            `promotion: a circle: by the path ${name}, ${it.environment} comes after ${closed.join(' and ')}, which can be reached by way of ${it.environment} only`,
          ];
    });
  });

/** To which a bundle can come that has never been in one of them. */
const reached = (all: Declared[], without: Declared): Set<Declared> => {
  const open = new Set<Declared>();
  for (let before = -1; before < open.size; ) {
    before = open.size;
    for (const it of all) {
      const ways = it.promotion.map(({ after }) => after);
      if (it === without) continue;
      if (ways.length === 0 || ways.some((after) => after.every((one) => isOpen(all, open, it.service, one))))
        open.add(it);
    }
  }
  return open;
};

/** Of what another app declares nothing is known that speaks against it. */
const isOpen = (
  all: Declared[],
  open: ReadonlySet<Declared>,
  service: string,
  one: PromotionPath['after'][number],
): boolean => {
  const found = all.find((it) => ('node' in one ? it.pipeline === one : isDescribed(it, service, one)));
  return found === undefined || open.has(found);
};
