import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Hands this process over to another program: replaces it where Node can (22.15 and newer), else runs it as a child
 * with the same terminal, passes signals on and ends as it ends.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [extraEnvironment]
 */
export function handOver(command, args, extraEnvironment = {}) {
  const env = { ...process.env, ...extraEnvironment };
  if (typeof process.execve === 'function') process.execve(command, [command, ...args], env);
  const child = spawn(command, args, { stdio: 'inherit', env });
  const forward = (signal) => {
    // Ctrl-C has reached the child already, as it is in the same process group; it takes the second for the first.
    child.kill(signal);
  };
  for (const signal of forwardedSignals) process.on(signal, forward);
  child.once('error', (error) => {
    console.error(`${command} could not be started: ${error.message}`);
    process.exitCode = 126;
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}
