/**
 * What nobody outside AWS knows for sure of the Data API: each field is one open question, its default the answer
 * that is likelier or harder to live with. Code that depends on one of them depends on luck; try it with the others,
 * by LOCKSTEP_SWITCHES or an option.
 */
export type Switches = {
  /** What a call that timed out does to its transaction: it is gone, it is aborted (25P02), or the statement goes on. */
  transactionAfterTimeout: 'terminated' | 'aborted' | 'running';
  /** `continueAfterTimeout` together with `transactionId`. */
  continueAfterTimeoutInTransaction: 'refused' | 'ignored' | 'accepted';
  timeoutMessage: string;
  /**
   * A statement that is cancelled since its time is up answers StatementTimeoutException, or DatabaseErrorException
   * with SQLState 57014; one that goes on behind its call always the former.
   */
  timeoutError: 'StatementTimeoutException' | 'DatabaseErrorException';
  transactionNotFoundMessage: (id: string, cause: string) => string;
  /** What Commit and Rollback answer for a transaction that isn't there; the model lists both. */
  endOfUnknownTransaction: 'TransactionNotFoundException' | 'NotFoundException';
  /** Bytes that one row may have; the documentation's pages disagree on whether 64 KiB still holds. null: no limit. */
  rowBytes: number | null;
  /** `;` and then a comment or blanks at the end of the text. */
  commentAfterSemicolon: 'accepted' | 'refused';
  /** `;` between dollar quotes: PostgreSQL knows it isn't a second statement, a simpler detector wouldn't. */
  semicolonInDollarQuotes: 'accepted' | 'refused';
  rollbackStatus: string;
  /** Whether a call to a paused cluster fails with DatabaseResumingException or waits until it has resumed. */
  pausedCluster: 'refuses' | 'blocks';
  /** Whether the scanner knows `::` between dollar quotes for a cast, or takes `:name` out of it. */
  castInDollarQuotes: 'survives' | 'corrupted';
  /** The same of `:=`, as PL/pgSQL assigns: taken for a parameter without a name, or let alone. */
  assignmentInDollarQuotes: 'survives' | 'corrupted';
  /**
   * How it is told that PostgreSQL refuses user and password of the secret, as while it is rotated. On Serverless v1 it
   * was BadRequestException; that a database doesn't exist, which shows at the same moment, is DatabaseErrorException now.
   */
  refusedLogin: 'DatabaseErrorException' | 'BadRequestException' | 'InvalidSecretException';
  /** Parameters that the SQL text doesn't mention. */
  unusedParameters: 'ignored' | 'refused';
  /** The type of a parameter with `isNull`: left to PostgreSQL, or `text`, which needs a cast elsewhere. */
  nullParameter: 'untyped' | 'text';
  /** The type behind the hint JSON. */
  jsonHint: 'json' | 'jsonb';
  /** Whether error texts carry PostgreSQL's DETAIL (captured errors of constraints had none) and CONTEXT. */
  errorDetail: boolean;
  errorWhere: boolean;
  /** COMMIT of a transaction in which a statement failed rolls back: told as an error, or not at all. */
  commitOfAbortedTransaction: 'silent' | 'error';
  /** Whether settings made in a transaction's session (SET without LOCAL) stay on it for whoever is next. */
  sessionAfterTransaction: 'discarded' | 'kept';
  /** Whether a procedure called outside a transaction may COMMIT, or finds itself in an implicit one (2D000). */
  procedureCommit: 'allowed' | 'refused';
  /** A batch outside a transaction: each set commits by itself, or all do together. */
  batch: 'each' | 'atomic';
  /** `;` at the end of a batch's SQL: documented as not to be sent. */
  batchSemicolon: 'refused' | 'accepted';
  /** What a result of type void is: an empty string, or an unsupported type. */
  voidResult: 'string' | 'unsupported';
};

export const SWITCHES: Switches = {
  transactionAfterTimeout: 'terminated',
  continueAfterTimeoutInTransaction: 'refused',
  timeoutMessage: 'Request timed out',
  timeoutError: 'StatementTimeoutException',
  transactionNotFoundMessage: (id, cause) => `Transaction ${id} is not found. ${cause}`,
  endOfUnknownTransaction: 'TransactionNotFoundException',
  rowBytes: 65_536,
  commentAfterSemicolon: 'accepted',
  semicolonInDollarQuotes: 'accepted',
  rollbackStatus: 'Rollback Complete',
  pausedCluster: 'refuses',
  castInDollarQuotes: 'survives',
  assignmentInDollarQuotes: 'survives',
  refusedLogin: 'DatabaseErrorException',
  unusedParameters: 'ignored',
  nullParameter: 'untyped',
  jsonHint: 'json',
  errorDetail: false,
  errorWhere: true,
  commitOfAbortedTransaction: 'silent',
  sessionAfterTransaction: 'discarded',
  procedureCommit: 'allowed',
  batch: 'each',
  batchSemicolon: 'refused',
  voidResult: 'string',
};

/** The other answers to each question, by a name for them: what LOCKSTEP_SWITCHES may say, and what tests try. */
export const OTHERWISE: { [Name in keyof Switches]: Record<string, Switches[Name]> } = {
  transactionAfterTimeout: { aborted: 'aborted', running: 'running' },
  continueAfterTimeoutInTransaction: { ignored: 'ignored', accepted: 'accepted' },
  timeoutMessage: { cancelled: 'canceling statement due to user request' },
  timeoutError: { DatabaseErrorException: 'DatabaseErrorException' },
  transactionNotFoundMessage: { bare: (id) => `Transaction ${id} is not found` },
  endOfUnknownTransaction: { NotFoundException: 'NotFoundException' },
  rowBytes: { unlimited: null },
  commentAfterSemicolon: { refused: 'refused' },
  semicolonInDollarQuotes: { refused: 'refused' },
  rollbackStatus: { 'Transaction Rolledback': 'Transaction Rolledback' },
  pausedCluster: { blocks: 'blocks' },
  castInDollarQuotes: { corrupted: 'corrupted' },
  assignmentInDollarQuotes: { corrupted: 'corrupted' },
  refusedLogin: {
    BadRequestException: 'BadRequestException',
    InvalidSecretException: 'InvalidSecretException',
  },
  unusedParameters: { refused: 'refused' },
  nullParameter: { text: 'text' },
  jsonHint: { jsonb: 'jsonb' },
  errorDetail: { true: true },
  errorWhere: { false: false },
  commitOfAbortedTransaction: { error: 'error' },
  sessionAfterTransaction: { kept: 'kept' },
  procedureCommit: { refused: 'refused' },
  batch: { atomic: 'atomic' },
  batchSemicolon: { accepted: 'accepted' },
  voidResult: { unsupported: 'unsupported' },
};
