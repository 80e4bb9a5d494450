import { spawn } from 'node:child_process';

/** Output kept per command; what is older falls away, since the end of it says why a command failed. */
const outputMaxBytes = 4 * 1024 * 1024;

/**
 * Runs a command to its end and keeps what it prints. Never rejects: a command that cannot be started has the code
 * 127, one that was stopped by its time limit the code 124.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string, durationMs: number }>}
 */
export function capture(command, args, options = {}) {
  const { cwd, env = process.env, timeoutMs = 90 * 60_000, onOutput } = options;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let timedOut = false;
    const keep = (chunk) => {
      const text = chunk.toString();
      output = (output + text).slice(-outputMaxBytes);
      onOutput?.(text);
    };
    const signalGroup = (signal) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup('SIGKILL');
    }, timeoutMs);
    // The child leads its own process group, so that a time limit ends its children as well. Ctrl-C is passed on.
    const interrupt = () => signalGroup('SIGINT');
    process.on('SIGINT', interrupt);
    const finish = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      resolve({ code, output, durationMs: performance.now() - startedAt });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    child.once('close', (code, signal) => {
      if (timedOut) output += `\nStopped after ${Math.round(timeoutMs / 1000)} s.\n`;
      finish(timedOut ? 124 : (code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
  });
}
