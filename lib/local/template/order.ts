import { type Template, type TemplateResource, UnresolvableTemplate } from './template.ts';

/** A template's resources so that each stands after all it refers to. Ones that refer to each other are an error that names them. */
export const inOrder = (
  stack: string,
  template: Template,
  present: (logicalId: string) => boolean,
): [string, TemplateResource][] => {
  const resources = template.Resources ?? {};
  const done = new Set<string>();
  const ordered: [string, TemplateResource][] = [];
  const visit = (logicalId: string, path: string[]) => {
    if (done.has(logicalId) || !present(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId].join(' → ');
      throw new UnresolvableTemplate({ stack, path: logicalId, problem: `circular dependency: ${circle}.` });
    }
    for (const needed of dependencies(resources[logicalId]!, resources, stack, logicalId))
      visit(needed, [...path, logicalId]);
    done.add(logicalId);
    ordered.push([logicalId, resources[logicalId]!]);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return ordered;
};

const dependencies = (resource: TemplateResource, all: Record<string, unknown>, stack: string, logicalId: string) => {
  const explicit = [resource.DependsOn ?? []].flat();
  const missing = explicit.find((name) => !Object.hasOwn(all, name));
  if (missing)
    throw new UnresolvableTemplate({
      stack,
      path: `${logicalId}.DependsOn`,
      problem: `there is no resource ${missing}.`,
    });
  return new Set([...explicit, ...referred(resource.Properties)].filter((name) => Object.hasOwn(all, name)));
};

/** All names that intrinsic functions in the value mention; which of them are resources is for others to say. */
const referred = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === 'Ref') return [String(argument)];
    if (name === 'Fn::GetAtt') return [String(typeof argument === 'string' ? argument.split('.')[0] : argument[0])];
    if (name !== 'Fn::Sub') return referred(argument);
    const template = String(Array.isArray(argument) ? argument[0] : argument);
    const named = [...template.matchAll(/\$\{([^!}.][^}.]*)/g)].map(([, it]) => it!.trim());
    return [...named, ...referred(Array.isArray(argument) ? argument[1] : undefined)];
  });
};
