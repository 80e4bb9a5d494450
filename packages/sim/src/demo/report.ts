/** One line of what the demo has to say; the server writes it to its log. */
export type Report = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;

/** Lines of JSON on standard output. */
export const reportToServer: Report = (level, message) => {
  process.stdout.write(`${JSON.stringify({ level, message })}\n`);
};

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
