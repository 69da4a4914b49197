import type { ItemReader } from '../asl.ts';

const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/**
 * Rows of delimited text (RFC 4180) as objects of strings. Fields beyond the header's are dropped and missing ones
 * empty; empty rows don't count.
 */
export const parseCsv = (text: string, config: NonNullable<ItemReader['ReaderConfig']>): Record<string, string>[] => {
  const rows = parseRows(text, DELIMITERS[config.CSVDelimiter ?? 'COMMA']);
  const headers = config.CSVHeaderLocation === 'GIVEN' ? config.CSVHeaders! : rows.shift();
  if (!headers) throw new Error('The file is empty: it has no header row.');
  if (Buffer.byteLength(headers.join(',')) > 10 * 1024) throw new Error('The header is larger than 10 KiB.');
  return rows.map((row) => Object.fromEntries(headers.map((name, n) => [name, row[n] ?? ''])));
};

const parseRows = (text: string, delimiter: string) => {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endField = () => {
    row.push(field);
    field = '';
  };
  const endRow = () => {
    endField();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === delimiter) endField();
    else if (char === '\n') endRow();
    else if (char !== '\r' || text[at + 1] !== '\n') field += char;
  }
  if (quoted) throw new Error('A quoted field of the file never ends.');
  if (field !== '' || row.length > 0) endRow();
  return rows;
};
