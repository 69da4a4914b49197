/** What a comment of another migration tool says about the file it stands in. */
export type Marker =
  | { tool: string; is: 'up' | 'down'; stepwise: boolean; loose: boolean }
  /** Above it is the up, below it the down. */
  | { tool: string; is: 'divider' }
  /** Around statements that the tool's own splitter would cut up. */
  | { tool: string; is: 'begin' | 'end' }
  /** Of the whole file: each statement commits by itself. */
  | { tool: string; is: 'stepwise' }
  | { tool: string; is: 'idle' }
  | { tool: string; is: 'wrong'; message: string; remedy: string }
  /** A heading over what takes the migration back, of no tool in particular. */
  | { tool: ''; is: 'heading' };

/**
 * Reads a comment as the tools do whose files hold up and down in one: dbmate, goose, sql-migrate (and micrate),
 * node-pg-migrate, tern, MyBatis Migrations, Play, rambler; and plain `-- Up` and `-- Down`. Null for any other.
 */
export const markerIn = (comment: string): Marker | null => {
  const line = comment.trimEnd();
  for (const [tool, pattern, read] of READERS) {
    const match = pattern.exec(line);
    if (match) return read(tool, (match[1] ?? '').trim());
  }
  return null;
};

type Reader = (tool: string, rest: string) => Marker;

/** The rest of a dbmate marker is options, as `transaction:false`. */
const dbmate: Reader = (tool, rest) => {
  const [, direction, options = ''] = /^(up|down)(?:\s+(.*))?$/.exec(rest) ?? [];
  if (!direction) return unknown(tool, 'write -- migrate:up or -- migrate:down');
  const [odd] = options.split(/\s+/).filter((word) => word !== '' && !/^transaction:(true|false)$/.test(word));
  if (odd !== undefined)
    return {
      ...{ tool, is: 'wrong', message: `dbmate's option ${odd} is not known here` },
      remedy: 'take it out; known is transaction:false',
    };
  return side(tool, direction, options.includes('transaction:false'));
};

const goose: Reader = (tool, rest) => {
  const said = rest.toLowerCase().replaceAll(/\s+/g, ' ');
  if (said === 'no transaction') return { tool, is: 'stepwise' };
  if (said === 'envsub off') return { tool, is: 'idle' };
  if (said === 'envsub on')
    return {
      ...{ tool, is: 'wrong', message: "goose's ENVSUB puts environment variables into SQL; Lockstep doesn't" },
      remedy: 'write their values: a migration has to be the same wherever it runs',
    };
  return inWords(tool, said) ?? unknown(tool, 'known are Up, Down, StatementBegin, StatementEnd and NO TRANSACTION');
};

const sqlMigrate: Reader = (tool, rest) => {
  const [said = '', option, ...more] = rest.toLowerCase().split(/\s+/);
  const marker = more.length === 0 && (option === undefined || option === 'notransaction') ? inWords(tool, said) : null;
  if (marker === null)
    return unknown(tool, 'known are Up, Down (both with notransaction), StatementBegin, StatementEnd');
  return option && 'stepwise' in marker ? { ...marker, stepwise: true } : marker;
};

const inWords = (tool: string, said: string): Marker | null => {
  if (said === 'up' || said === 'down') return side(tool, said, false);
  if (said === 'statementbegin') return { tool, is: 'begin' };
  return said === 'statementend' ? { tool, is: 'end' } : null;
};

const plain: Reader = (tool, rest) => side(tool, rest.toLowerCase().replace(/s$/, ''), false);

/** Words that also stand in comments which are meant for people only: alone they mean nothing. */
const loose: Reader = (tool, rest) => ({ ...side(tool, rest.toLowerCase(), false), loose: true });

const divider: Reader = (tool) => ({ tool, is: 'divider' });

const side = (tool: string, direction: string, stepwise: boolean) =>
  ({ tool, is: direction === 'up' ? 'up' : 'down', stepwise, loose: false }) as const;

const unknown = (tool: string, remedy: string): Marker => ({
  ...{ tool, is: 'wrong', message: `this is no marker that ${tool} knows` },
  remedy,
});

const misplaced: Reader = (tool) => unknown(tool, 'write the marker as a line of its own that begins with --');

const READERS: [tool: string, pattern: RegExp, read: Reader][] = [
  ['dbmate', /^--\s*migrate\s*:\s*(?=\S)(.*)$/, dbmate],
  ['goose', /^--\s*\+goose\b(.*)$/i, goose],
  ['sql-migrate', /^--\s*\+(?:migrate|micrate)\b(.*)$/i, sqlMigrate],
  ['goose', /^\/\*\s*\+goose\s/i, misplaced],
  ['sql-migrate', /^\/\*\s*\+migrate\s/i, misplaced],
  ['dbmate', /^\/\*\s*migrate:(?:up|down)\b/, misplaced],
  ['node-pg-migrate', /^--[\s-]*(up|down)\s+migration\b/i, loose],
  ['tern', /^----\s*create above\s*\/\s*drop below\s*----$/i, divider],
  ['MyBatis Migrations', /^--\s*\/\/\s*@undo\b/i, divider],
  ['Play', /^--+\s*!(ups|downs)\b/i, plain],
  ['rambler', /^--\s*rambler\s+(up|down)\b/i, plain],
  ['the file', /^--[\s=*#@+-]*(up|down)[\s:=*#-]*$/i, loose],
  [
    '',
    /^--[\s=*#@+-]*(?:undo|rollback|roll back|revert)(?:\s+(?:migration|script|sql))?[\s:=*#-]*$/i,
    () => ({ tool: '', is: 'heading' }),
  ],
];
