import { evaluate, type Scope } from '../template/evaluate.ts';
import { inOrder } from '../template/order.ts';
import { type Made, scopeOf } from '../template/scope.ts';
import { checkSections, type Template, UnresolvableTemplate, type Where } from '../template/template.ts';
import { uuidOf } from '../uuid.ts';
import { type AssembledStack, readAssembly } from './assembly.ts';
import { checkAddresses, checkEnvironment, checkRules, isElsewhere } from './checks.ts';
import { publish } from './publish.ts';
import { contextOf, type Services } from './resource.ts';
import { resourceTypes } from './resource-types.ts';

export type DeployedStack = {
  name: string;
  /** By the output's logical id. */
  outputs: Record<string, string>;
  /** By logical id. */
  resources: Record<string, { type: string; ref: string; attributes: Record<string, string> }>;
};

/** What stacks export, by name. */
type Exports = Map<string, { stack: string; value: string }>;

/** Deploys every stack of a cloud assembly but those for its neighbours. What an earlier deployment made stays, as CloudFormation's Retain does. */
export const deployer = (services: Services) => {
  const exports: Exports = new Map();
  return async (directory: string): Promise<DeployedStack[]> => {
    const deployed: DeployedStack[] = [];
    for (const stack of readAssembly(directory).filter((it) => !isElsewhere(services, it)))
      deployed.push(await deployStack(services, exports, stack));
    return deployed;
  };
};

const deployStack = async (services: Services, exports: Exports, stack: AssembledStack): Promise<DeployedStack> => {
  const { name, template } = stack;
  const { place } = services;
  checkEnvironment(services, name, stack.environment);
  checkSections(name, template);
  for (const asset of stack.assets) await publish(services, asset);

  const made = new Map<string, Made>();
  const scope = scopeOf({
    ...{ place, stack: name, template, resources: made },
    exported: (it) => exports.get(it)?.value,
    stackId: `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${name}/${uuidOf(name)}`,
    parameter: (it) => services.parameters.find(it)?.value,
    secret: (it) => services.vault.value(it),
  });
  checkRules(name, template, scope);

  const resources: DeployedStack['resources'] = {};
  for (const [logicalId, { Type, Properties = {} }] of inOrder(name, template, (it) =>
    isPresent(name, template, scope, it),
  )) {
    const where = { stack: name, path: `${logicalId}.Properties` };
    const make = Object.hasOwn(resourceTypes, Type) ? resourceTypes[Type] : undefined;
    if (!make)
      throw new UnresolvableTemplate({
        stack: name,
        path: logicalId,
        problem: `the local cloud can't make an ${Type}.`,
      });
    const properties = evaluate(Properties, scope, where) as Record<string, unknown>;
    checkAddresses(services.apis, properties, where);
    const it = await make(properties, contextOf(services, name, logicalId)).catch((cause: Error) => {
      if (cause instanceof UnresolvableTemplate) throw cause;
      throw new UnresolvableTemplate(
        { stack: name, path: logicalId, problem: `${cause.name}: ${cause.message}` },
        { cause },
      );
    });
    made.set(logicalId, it);
    resources[logicalId] = { type: Type, ref: it.ref, attributes: it.attributes ?? {} };
  }
  return { name, outputs: outputsOf(name, template, scope, exports), resources };
};

const isPresent = (stack: string, { Resources = {} }: Template, scope: Scope, logicalId: string) => {
  const { Condition } = Resources[logicalId]!;
  return Condition === undefined || scope.condition(Condition, { stack, path: `${logicalId}.Condition` });
};

const outputsOf = (stack: string, { Outputs = {} }: Template, scope: Scope, exports: Exports) => {
  const outputs: Record<string, string> = {};
  for (const [output, { Value, Condition, Export }] of Object.entries(Outputs)) {
    const where = { stack, path: `Outputs.${output}` };
    if (Condition !== undefined && !scope.condition(Condition, where)) continue;
    const value = String(evaluate(Value, scope, where));
    outputs[output] = value;
    if (Export) exportValue(exports, String(evaluate(Export.Name, scope, where)), { stack, value }, where);
  }
  return outputs;
};

/** An export's name is one stack's alone. */
const exportValue = (exports: Exports, name: string, it: { stack: string; value: string }, where: Where) => {
  const standing = exports.get(name);
  if (standing && standing.stack !== it.stack)
    throw new UnresolvableTemplate({
      ...where,
      problem: `Export with name ${name} is already exported by stack ${standing.stack}.`,
    });
  exports.set(name, it);
};
