import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const INPUT_LENGTH_MAX = 10_000;

/**
 * A password from the person at the terminal, who does not see it while typing, or the first line of standard input
 * when that is a file or a pipe.
 */
export async function readPassword(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) return firstLine();
  process.stdout.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stdout.write('\n');
  }
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > INPUT_LENGTH_MAX) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
