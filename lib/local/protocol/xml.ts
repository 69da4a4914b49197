import { XMLBuilder } from 'fast-xml-parser';

/** A value that becomes XML: objects are elements, lists repeat their element, keys with `@` are attributes. */
export type Xml = string | number | boolean | undefined | Xml[] | { [name: string]: Xml };

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true });

/** A whole XML document. Elements without a value (`undefined`) are left out. */
export const xml = (root: { [name: string]: Xml }) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(present(root))}`;

const present = (value: Xml): Xml => {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, it]) => it !== undefined)
      .map(([name, it]) => [name, present(it)]),
  );
};
