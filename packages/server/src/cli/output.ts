import { MigrationError, PlatformError, SettingsError } from '../platform/index.ts';
import { ApiRefusal } from './api.ts';

/** A line for the person at the terminal, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Tells a person what went wrong and what to do; only a bug shows its stack. */
export function printError(error: unknown): void {
  process.stderr.write(`${describeError(error)}\n`);
}

/** The text of an error for a person. */
export function describeError(error: unknown): string {
  if (error instanceof PlatformError) return `${error.message}\n${error.remedy}`;
  if (error instanceof SettingsError) return error.message;
  if (error instanceof MigrationError || error instanceof ApiRefusal) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}

/** Lines of equally wide columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
