/** Codes of the faults that stop a start or a command; each is told to a person together with its remedy. */
export type PlatformErrorCode =
  | 'data-directory-in-use'
  | 'data-directory-unusable'
  | 'disk-full'
  | 'database-account-missing'
  | 'database-binaries-missing'
  | 'database-initialisation-failed'
  | 'database-unreachable'
  | 'database-start-failed'
  | 'database-version-mismatch'
  | 'port-in-use'
  | 'port-not-allowed'
  | 'address-not-available'
  | 'certificate-unusable'
  | 'user-invalid'
  | 'backup-invalid'
  | 'server-unreachable'
  | 'hand-over-refused'
  | 'file-unreadable'
  | 'command-unavailable'
  | 'contact-not-journaled';

/** A fault at the edge that a person can do something about: what happened, and what to do. */
export class PlatformError extends Error {
  readonly code: PlatformErrorCode;
  readonly remedy: string;

  constructor(code: PlatformErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PlatformError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** The code of a Node system error such as `ENOENT`, or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
