import { isAbsolute, relative, sep } from 'node:path';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import manifest from '../../package.json' with { type: 'json' };
import { sha256 } from '../migrations/digest.ts';
import { ruleNamed } from '../migrations/lint/rules.ts';
import type { CheckedFinding, Report } from './check.ts';

/** What can't be bundled at all has no rule that could be switched off. */
const UNSOUND = 'unsound';

/**
 * A report as SARIF 2.1.0, in what GitHub's code scanning reads of it.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export const sarif = ({ problems, findings }: Report): Log => {
  const rules = [...new Set([...(problems.length > 0 ? [UNSOUND] : []), ...findings.map(({ rule }) => rule)])].sort();
  const ruleIndex = (id: string) => ({ ruleId: id, ruleIndex: rules.indexOf(id) });
  const seen = new Map<string, number>();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Lockstep', version: manifest.version, rules: rules.map(described) } },
        columnKind: 'unicodeCodePoints',
        results: [
          ...problems.map(({ file, line, column, message, remedy }) => ({
            ...ruleIndex(UNSOUND),
            level: 'error' as const,
            message: { text: remedy ? `${message}. ${remedy}` : message },
            locations: [place(file, line, column)],
            partialFingerprints: fingerprint(seen, UNSOUND, file, message),
          })),
          ...findings.map((it) => ({
            ...ruleIndex(it.rule),
            level: LEVELS[it.severity],
            message: { text: `${it.why}. Safe: ${it.rewrite}` },
            locations: [place(it.file, it.line, it.column)],
            partialFingerprints: fingerprint(seen, it.rule, it.file, it.excerpt ?? ''),
            ...suppressed(it),
          })),
        ],
      },
    ],
  };
};

const LEVELS = { error: 'error', warning: 'warning', info: 'note', off: 'none' } as const;

const described = (id: string): ReportingDescriptor => {
  const { severity = 'error', why, rewrite } = ruleNamed(id) ?? {};
  const text = (why ?? 'can’t be made a bundle').replaceAll('{}', '…');
  return {
    id,
    name: id,
    shortDescription: { text },
    fullDescription: { text },
    help: { text: (rewrite ?? 'as the message says').replaceAll('{}', '…') },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['migrations'] },
  };
};

const place = (file: string, startLine: number, startColumn: number) => ({
  physicalLocation: { artifactLocation: { uri: uri(file) }, region: { startLine, startColumn } },
});

/** Relative to where the command was run, which in CI is the repository. */
const uri = (file: string): string => {
  const path = isAbsolute(file) ? relative('', file) : file;
  return path.split(sep).map(encodeURIComponent).join('/');
};

/** The same finding in the next run, though lines were added above it; the number tells apart what looks the same. */
const fingerprint = (seen: Map<string, number>, ...of: string[]) => {
  const hash = sha256(of.join('\n')).slice(0, 32);
  const number = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, number);
  return { 'lockstep/v1': `${hash}:${number}` };
};

const suppressed = ({ excepted }: CheckedFinding): Pick<Result, 'suppressions'> =>
  excepted
    ? { suppressions: [{ kind: excepted.by === 'comment' ? 'inSource' : 'external', justification: excepted.reason }] }
    : {};
