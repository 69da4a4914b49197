import { AwsError } from '../protocol/aws-error.ts';
import type { Scanned } from './placeholders.ts';
import type { Switches } from './switches.ts';

/** Refuses what PostgreSQL would take for one statement, where the Data API might not; both are open questions. */
export const checkSemicolons = ({ continuesAfterSemicolon }: Scanned, sql: string, switches: Switches) => {
  if (!continuesAfterSemicolon) return;
  const inDollarQuotes = /\$([A-Za-z_]\w*)?\$[\s\S]*;[\s\S]*\$\1\$/.test(sql);
  const refused = inDollarQuotes ? switches.semicolonInDollarQuotes : switches.commentAfterSemicolon;
  if (refused === 'refused') throw new AwsError('ValidationException', "Multistatements aren't supported.");
};
