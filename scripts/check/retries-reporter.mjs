/** How a line begins that names a test which did not pass at once. */
export const retriedMark = 'tried again: ';

/** A reporter of vitest: names at the end what had to be tried again, so that no retry hides a defect for long. */
export default class RetriesReporter {
  #lines = [];

  onTestCaseResult(test) {
    const { retryCount = 0 } = test.diagnostic() ?? {};
    if (retryCount > 0) this.#lines.push(`${retriedMark}${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd() {
    for (const line of this.#lines) console.log(line);
  }
}
