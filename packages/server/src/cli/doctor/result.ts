/** What one check found. */
export interface CheckResult {
  readonly state: 'ok' | 'warning' | 'problem';
  readonly subject: string;
  readonly finding: string;
  readonly remedy?: string;
}
