/** A form as it stands in a page: where it goes, what it would send, and its buttons. */
export type Form = { action: string; fields: [string, string][]; buttons: Button[] };
type Button = { label: string; action?: string; field?: [string, string] };

/** The page's forms, read out of its HTML as a browser without JavaScript would. */
export const formsOf = (page: string): Form[] =>
  [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', inner = '']) => ({
    action: attribute(head, 'action') ?? '',
    fields: fieldsOf(inner),
    buttons: [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, own = '', label = '']) => {
      const [action, name] = [attribute(own, 'formaction'), attribute(own, 'name')];
      return {
        label: decode(label).trim(),
        ...(action === undefined ? {} : { action }),
        ...(name === undefined ? {} : { field: [name, attribute(own, 'value') ?? ''] as [string, string] }),
      };
    }),
  }));

/** Goes on like a person at a browser: opens pages, presses buttons with what is filled in, follows redirects. */
export const browser = (endpoint: string) => ({
  open: async (path = '/inbox') => (await fetch(endpoint + path)).text(),
  async press(page: string, label: string, filled: Record<string, string> = {}) {
    // What lies behind a dialog is inert.
    const within = page.slice(Math.max(0, page.indexOf('role="dialog"')));
    const form = formsOf(within).find(({ buttons }) => buttons.some((it) => it.label === label));
    const button = form?.buttons.find((it) => it.label === label);
    if (!form || !button) throw new Error(`The page has no button "${label}".`);
    const fields = [
      ...form.fields.map(([name, value]) => [name, filled[name] ?? value]),
      ...(button.field ? [button.field] : []),
    ];
    const response = await fetch(endpoint + (button.action ?? form.action), {
      method: 'POST',
      headers: { origin: endpoint, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(fields as [string, string][]),
      redirect: 'manual',
    });
    const location = response.headers.get('location');
    return location ? (await fetch(new URL(location, endpoint))).text() : response.text();
  },
});

const fieldsOf = (inner: string): [string, string][] => {
  const inputs = [...inner.matchAll(/<input\b([^>]*)>/g)]
    .filter(([, own = '']) => !/type="(checkbox|radio)"/.test(own) || /\bchecked\b/.test(own))
    .map(([, own = '']): [string, string] => [attribute(own, 'name') ?? '', attribute(own, 'value') ?? '']);
  const areas = [...inner.matchAll(/<textarea\b([^>]*)>\n?([\s\S]*?)<\/textarea>/g)].map(
    ([, own = '', value = '']): [string, string] => [attribute(own, 'name') ?? '', decode(value)],
  );
  return [...inputs, ...areas];
};

const attribute = (tag: string, name: string) => {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : decode(value);
};

const decode = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
