/** A call that Slack refuses: `{"ok":false,"error":<code>}` and, for faulty blocks and views, what is wrong where. */
export class SlackError extends Error {
  readonly code: string;
  readonly details: string[];
  constructor(code: string, details: string[] = []) {
    super([code, ...details].join(': '));
    this.code = code;
    this.details = details;
  }
}
