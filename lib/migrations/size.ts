import type { Statement } from './bundle.ts';
import type { Problem } from './problem.ts';
import type { Source } from './source.ts';

/**
 * A transaction travels as one value of one Data API request, which holds 4 MiB with everything around it; what it
 * holds is JSON within JSON, so that quotes and line ends count more than once.
 */
export const tooLarge = (source: Source, statements: Statement[]): Problem[] => {
  const groups = Map.groupBy(
    statements.filter(({ transactional }) => transactional),
    ({ group = 0 }) => group,
  );
  return [...groups.values()].flatMap((group) => {
    const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(group.map(({ sql, wire }) => wire ?? sql))));
    if (bytes <= LIMIT) return [];
    const remedy =
      group.length > 1
        ? 'split it into several migrations, or let each statement commit by itself: -- lockstep: stepwise'
        : 'split the statement into several';
    return [
      {
        file: source.path,
        line: group[0]!.line,
        column: 1,
        message: `a transaction of ${(bytes / 1024 / 1024).toFixed(1)} MiB does not fit into a Data API request`,
        remedy,
      },
    ];
  });
};

/** 4 MiB less what stands around the statements. */
const LIMIT = 3.9 * 1024 * 1024;
