import type { MediaErrorBody, MediaErrorCode } from '../protocol.ts';

/** A refusal that is answered to the control process. Its message names field, value and remedy. */
export class CommandError extends Error {
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, message: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
  }

  get body(): MediaErrorBody {
    return { code: this.code, message: this.message };
  }
}
