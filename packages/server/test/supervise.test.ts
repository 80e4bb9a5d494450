import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INSTALLATION_DIR } from '../src/platform/index.ts';

const supervise = join(INSTALLATION_DIR, 'scripts/supervise.sh');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-supervise-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs that shell script under the supervisor. Each run writes a line into `runs`. */
function run(script: string, env: Record<string, string> = {}): ChildProcess {
  const text = `echo "$SUPERVISED" >> runs; n=$(wc -l < runs); ${script}`;
  return spawn(supervise, ['/bin/sh', '-c', text], { cwd: folder, env: { ...process.env, ...env } });
}

async function ended(child: ChildProcess): Promise<{ code: number; said: string; runs: number }> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, said, runs: readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1 };
}

describe('the supervisor of npm start', () => {
  it('[OPS-03] starts a server again that was killed, and ends as it ends', async () => {
    const { code, said, runs } = await ended(run('[ "$n" -gt 1 ] || kill -9 $$; exit 0'));
    expect({ code, runs }).toEqual({ code: 0, runs: 2 });
    expect(said).toMatch(/was killed by signal 9\. Calls go on; it is started again\./);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('crosspoint\ncrosspoint\n');
  });

  it('[OPS-03] starts it again after an error that nobody expected', async () => {
    const { code, runs } = await ended(run('[ "$n" -gt 1 ] || exit 70; exit 0'));
    expect({ code, runs }).toEqual({ code: 0, runs: 2 });
  });

  it('[OPS-07] starts the next one at once when a server hands over, and counts no crash', async () => {
    const { code, said, runs } = await ended(
      run('[ "$n" -gt 3 ] || exit 71; exit 0', { SUPERVISE_CRASHES_MAX: '1' }),
    );
    expect({ code, said, runs }).toEqual({ code: 0, said: '', runs: 4 });
  });

  describe('with a spare, which is asked for', () => {
    /** What a spare does, then what the server does that has asked for one and waited until it is there, or until the test is over. */
    const withSpare = (spare: string, server: string) =>
      run(`if [ -n "$SUPERVISED_SPARE" ]; then echo $$ > spare; ${spare}; fi
        [ "$n" -eq 1 ] || exit 5
        kill -USR1 "$SUPERVISOR"; while [ -e runs ] && [ ! -s spare ]; do sleep 0.05; done; ${server}`);
    const written = (name: string): string =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
    const isUp = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };

    it('[OPS-03] lets it serve when the server was killed', async () => {
      const child = withSpare(
        'read -r word <&3; echo "$word $SUPERVISED_AGAIN" > told; exit 0',
        'kill -9 $$',
      );
      expect(await ended(child)).toMatchObject({ code: 0, runs: 2 });
      expect(written('told')).toBe('go 1\n');
    });

    it('[OPS-03] starts the server as without one when the spare could not load', async () => {
      expect(await ended(withSpare('exit 72', 'kill -9 $$'))).toMatchObject({ code: 5, runs: 3 });
      for (const name of ['runs', 'spare']) rmSync(join(folder, name));
      // So ends what cannot even begin to load.
      expect(await ended(withSpare('exit 1', 'kill -9 $$'))).toMatchObject({ code: 5, runs: 3 });
    });

    it('[OPS-03] starts the server as without one when the spare was killed with the server, and counts one crash', async () => {
      const child = withSpare('read -r word <&3; exit 0', 'kill -9 "$(cat spare)" $$');
      const { code, said, runs } = await ended(child);
      expect({ code, runs }).toEqual({ code: 5, runs: 3 });
      expect(said.match(/was killed/g)).toHaveLength(1);
    });

    it('[OPS-07] does without it at a hand-over, which may be one to a new version', async () => {
      expect(await ended(withSpare('read -r word <&3; exit 0', 'exit 71'))).toMatchObject({
        code: 5,
        runs: 3,
      });
    });

    /** Asks as the server does, until it is so. */
    const asking = (signal: string, condition: string) =>
      `while ! { ${condition}; }; do kill -${signal} "$SUPERVISOR"; sleep 0.1; done`;

    it('[OPS-03] keeps a second one where it is asked again, which serves when the first one dies at once', async () => {
      const child = withSpare(
        'mkdir first 2>/dev/null && { read -r word <&3; kill -9 $$; }; echo $$ > second; read -r word <&3; echo "$word" > told; exit 0',
        `${asking('USR1', '[ -s second ]')}; kill -9 $$`,
      );
      expect(await ended(child)).toMatchObject({ code: 0, runs: 3 });
      expect(written('told')).toBe('go\n');
    });

    it('[OPS-03] replaces one that ended, but not one that could not load', async () => {
      const replaced = withSpare(
        'mkdir first 2>/dev/null && kill -9 $$; echo $$ > second; read -r word <&3; exit 0',
        `${asking('USR1', '[ -s second ]')}; kill -9 $$`,
      );
      expect(await ended(replaced)).toMatchObject({ code: 0, runs: 3 });
      for (const name of ['runs', 'spare', 'second']) rmSync(join(folder, name));
      const unloadable = withSpare('exit 72', `${asking('USR1', '[ $((i=i+1)) -gt 20 ]')}; exit 0`);
      expect(await ended(unloadable)).toMatchObject({ code: 0, runs: 2 });
    });

    it('[OPS-03] closes the line of one that serves, which would wait for its next word when it is to end', async () => {
      const child = withSpare('read -r word <&3; read -r word <&3; exit 0', 'kill -9 $$');
      expect(await ended(child)).toMatchObject({ code: 0, runs: 2 });
    });

    /** The server asks for another spare than the one that is there, and hands over when it is told so. */
    const renewed = (awaited: string, server = 'sleep 0.1') =>
      withSpare(
        `[ -z "$SUPERVISED_AWAITED" ] || { ${awaited}; }; read -r word <&3; echo "$word" > told; exit 0`,
        `trap "exit 71" USR1; trap "cat /dev/fd/6 > note; exit 6" ALRM; while :; do kill -USR2 "$SUPERVISOR"; ${server}; sleep 0.1; done`,
      );

    it('[OPS-07] hands over to another one that was asked for anew, which has loaded what is there now', async () => {
      const { code, runs, said } = await ended(renewed('kill -ALRM "$SUPERVISOR"'));
      expect({ code, runs, said }).toEqual({ code: 0, runs: 3, said: '' });
      expect(written('told')).toBe('go\n');
    });

    it('[OPS-07] tells the server that there will be none when that one could not be loaded', async () => {
      const child = renewed('echo half an update >&6; exit 72');
      const { code, runs, said } = await ended(child);
      expect({ code, runs, said }).toEqual({ code: 6, runs: 3, said: '' });
      expect(written('note'), 'why, in the file that both have').toBe('half an update\n');
    });

    it('[OPS-07] lets that one serve also when the server is killed before it was loaded', async () => {
      const child = renewed('echo $$ > new', '[ ! -s new ] || kill -9 $$');
      expect(await ended(child)).toMatchObject({ code: 0, runs: 3 });
      expect(written('told')).toBe('go\n');
    });

    it('[OPS-03] leaves none behind', async () => {
      expect(await ended(withSpare('while :; do sleep 0.05; done', 'exit 0'))).toMatchObject({ code: 0 });
      expect(isUp(Number(written('spare')))).toBe(false);
    });

    it('[OPS-03] which ends when the supervisor is killed', async () => {
      const child = withSpare(
        'read -r word <&3 || echo alone > told; exit 0',
        'while [ -e spare ] && [ ! -e told ]; do sleep 0.05; done; exit 0',
      );
      await vi.waitUntil(() => written('spare') !== '', { timeout: 90_000 });
      child.kill('SIGKILL');
      await vi.waitUntil(() => written('told') === 'alone\n', { timeout: 90_000 });
    });
  });

  it('[OPS-03] leaves alone what could not start, or was stopped by somebody', async () => {
    expect(await ended(run('exit 1'))).toMatchObject({ code: 1, runs: 1, said: '' });
    rmSync(join(folder, 'runs'));
    expect(await ended(run('kill -TERM $$'))).toMatchObject({ code: 143, runs: 1 });
  });

  it('[OPS-03] gives up after many crashes in a row, and says what to do', async () => {
    const { code, said, runs } = await ended(run('kill -9 $$', { SUPERVISE_CRASHES_MAX: '2' }));
    expect({ code, runs }).toEqual({ code: 137, runs: 2 });
    expect(said).toMatch(/has ended 2 times in a row .* not started again/);
    expect(said).toContain('npx crosspoint doctor');
  });

  it('[OPS-03] passes a request to stop on, and waits for the orderly end', async () => {
    const child = run(
      'trap "sleep 0.2; echo orderly > end; exit 0" TERM; echo up; while :; do sleep 0.05; done',
    );
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    expect(await ended(child)).toMatchObject({ code: 0, runs: 1 });
    expect(existsSync(join(folder, 'end'))).toBe(true);
  });
});
