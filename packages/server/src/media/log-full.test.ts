import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MediaClient } from './client.ts';
import { settingsToArguments } from './process/settings.ts';
import { mediaNodeOptions } from './spare-process.ts';

const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));
const patienceMs = 90_000;
/** The kernel's disk that is always full. */
const fullDisk = '/dev/full';

test('[OPS-03] a media process whose log finds no room lives on when the control process leaves, and takes the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-media-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'media.sock');
  const log = openSync(fullDisk, 'w');
  const settings = settingsToArguments({
    ...{ socketPath, packets: 'dgram', bindAddress: '127.0.0.1', rtpPortMin: 42_000, rtpPortMax: 42_099 },
    ...{
      rtpTimeoutSeconds: 10,
      soundTimeoutSeconds: 60,
      orphanExitSeconds: 600,
      orphanLegSilenceSeconds: 600,
    },
  });
  const child = spawn(process.execPath, [...mediaNodeOptions, mainPath, ...settings], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  await vi.waitFor(() => expect(existsSync(socketPath)).toBe(true), patienceMs);
  for (const _time of ['first', 'second']) {
    const client = new MediaClient({ socketPath, reconnectMinMs: 10, requestTimeoutMs: patienceMs });
    const hello = await vi.waitFor(() => client.connect(), patienceMs);
    expect(hello.legs).toEqual([]);
    client.close();
  }
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
}, 300_000);
