/**
 * Characters of a failure's cause: a Fail state's may hold 32,768 (AWS Step Functions, Fail state), and it goes through
 * the payload limit with the rest.
 */
export const MOST_OF_CAUSE = 20_000;

/** The beginning of a text that has more UTF-16 units than that, cut between characters; the dots count. */
export const clip = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;

/** What a step has failed with: Lambda puts the error's message into a JSON document. */
export const messageIn = (cause: string): string => {
  try {
    const { errorMessage } = JSON.parse(cause);
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
};
