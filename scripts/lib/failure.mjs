/** A fault that a person can do something about: what happened, and what to do. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   * @param {string} [details] the end of what a program printed
   */
  constructor(message, remedy, details = '') {
    super(message);
    this.name = 'Failure';
    this.remedy = remedy;
    this.details = details;
  }
}

/** Prints any error for a person: a {@link Failure} with its remedy, a bug with its stack. */
export function printFailure(error) {
  if (!(error instanceof Failure)) {
    console.error(error);
    return;
  }
  if (error.details !== '') console.error(`\n${error.details.trimEnd()}`);
  console.error(`\n${error.message}\n${error.remedy}`);
}
