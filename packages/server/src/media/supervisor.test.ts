import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HelloResult } from './protocol.ts';
import { MediaSupervisor, type MediaSupervisorOptions } from './supervisor.ts';

interface Up {
  index: number;
  hello: HelloResult;
  adopted: boolean;
}

/** Processes of that name which this one has started. */
function processesOf(name: string): number[] {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1');
    } catch {
      // It has ended meanwhile.
      return '';
    }
  };
  const isOurs = (pid: string) => new RegExp(`\\) \\w ${process.pid} `).test(read(pid, 'stat'));
  const isNamed = (pid: string) => read(pid, 'cmdline').replaceAll('\0', ' ').trim() === name;
  const all = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid));
  return all.filter((pid) => isNamed(pid) && isOurs(pid)).map(Number);
}

describe('media supervisor', () => {
  let dataDirectory: string;
  let supervisors: MediaSupervisor[];

  beforeEach(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'crosspoint-supervisor-'));
    supervisors = [];
  });

  afterEach(async () => {
    for (const supervisor of supervisors) await supervisor.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  /** A supervisor, what came up, and a way to await the next one that does. */
  function create(changes: Partial<MediaSupervisorOptions> = {}) {
    const ups: Up[] = [];
    const downs: number[] = [];
    const waiting: (() => void)[] = [];
    const supervisor = new MediaSupervisor(
      {
        processCount: 2,
        dataDirectory,
        bindAddress: '127.0.0.1',
        rtpPortMin: 17_000,
        rtpPortMax: 17_399,
        orphanExitSeconds: 5,
        ...changes,
      },
      {
        up: ({ index }, hello, adopted) => {
          ups.push({ index, hello, adopted });
          for (const resume of waiting.splice(0)) resume();
        },
        down: ({ index }) => void downs.push(index),
      },
    );
    supervisors.push(supervisor);
    const nextUp = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
    return { supervisor, ups, downs, nextUp };
  }

  it('[SUP-01] starts every process with its own share of the ports, in a closed folder', async () => {
    const { supervisor, ups } = create();
    await supervisor.start();
    expect(ups.map(({ adopted }) => adopted)).toEqual([false, false]);
    expect(new Set(ups.map(({ hello }) => hello.processId)).size).toBe(2);
    expect(statSync(join(dataDirectory, 'media')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDirectory, 'media', 'media-0.sock')).mode & 0o777).toBe(0o600);
    const legs = await Promise.all(supervisor.nodes.map(({ client }) => client.allocateLeg({ legId: 'a' })));
    expect(legs.map(({ port }) => port)).toEqual([17_000, 17_200]);
  });

  it('[SUP-02] leaves processes running when it lets go, and the next one adopts them with their legs', async () => {
    const first = create();
    await first.supervisor.start();
    const { port } = await first.supervisor.nodes[0]!.client.allocateLeg({ legId: 'survivor' });
    first.supervisor.detach();
    supervisors = [];
    const second = create();
    await second.supervisor.start();
    expect(second.ups.map(({ adopted }) => adopted)).toEqual([true, true]);
    const pids = (ups: Up[]): number[] =>
      ups.toSorted((a, b) => a.index - b.index).map(({ hello }) => hello.processId);
    expect(pids(second.ups)).toEqual(pids(first.ups));
    const adopted = second.ups.find(({ index }) => index === 0);
    expect(adopted?.hello.legs).toMatchObject([{ legId: 'survivor', port }]);
  });

  it('[SUP-03] replaces a process that died, and says that its legs are gone', async () => {
    const { supervisor, ups, downs, nextUp } = create({ processCount: 1 });
    await supervisor.start();
    const client = supervisor.nodes[0]!.client;
    await client.allocateLeg({ legId: 'lost' });
    const again = nextUp();
    process.kill(ups[0]!.hello.processId, 'SIGKILL');
    await again;
    expect(downs).toEqual([0]);
    expect(ups[1]?.adopted).toBe(false);
    expect(ups[1]?.hello.instanceId).not.toBe(ups[0]?.hello.instanceId);
    expect(ups[1]?.hello.legs).toEqual([]);
    expect((await client.allocateLeg({ legId: 'new' })).port).toBeGreaterThanOrEqual(17_000);
  });

  it('[SUP-03] replaces a process that stands still', async () => {
    const { supervisor, ups, downs, nextUp } = create({ processCount: 1, askEveryMs: 100 });
    await supervisor.start();
    const again = nextUp();
    process.kill(ups[0]!.hello.processId, 'SIGSTOP');
    await again;
    expect(downs).toEqual([0]);
    expect(ups[1]?.hello.processId).not.toBe(ups[0]?.hello.processId);
    await supervisor.nodes[0]!.client.allocateLeg({ legId: 'new' });
  });

  it('[SUP-03] a spare takes the place of one that died, with other ports, and ends with the control process', async () => {
    const { supervisor, ups, nextUp } = create({ processCount: 1 });
    await supervisor.start();
    supervisor.keepSpare();
    supervisor.keepSpare();
    const spares = () => processesOf('crosspoint-spare-media');
    await expect.poll(spares, { timeout: 90_000 }).toHaveLength(1);
    const [spare] = spares();
    const isUp = nextUp();
    process.kill(ups[0]!.hello.processId, 'SIGKILL');
    await isUp;
    expect(ups[1]).toMatchObject({ index: 0, adopted: false, hello: { processId: spare } });
    await supervisor.nodes[0]!.client.allocateLeg({ legId: 'a' });
    supervisor.keepSpare();
    await expect.poll(spares, { timeout: 90_000 }).toHaveLength(1);
    supervisor.detach();
    await expect.poll(spares, { timeout: 90_000 }).toEqual([]);
  });

  it('[SUP-04] ends every process when it stops', async () => {
    const { supervisor, ups } = create();
    await supervisor.start();
    await supervisor.stop();
    for (const { hello } of ups) expect(() => process.kill(hello.processId, 0)).toThrow();
  });

  it('[SUP-05] leaves processes alone that another control process has taken over', async () => {
    const first = create({ processCount: 1 });
    await first.supervisor.start();
    const second = create({ processCount: 1 });
    await second.supervisor.start();
    expect(second.ups[0]?.adopted).toBe(true);
    await first.supervisor.stop();
    expect((await second.supervisor.nodes[0]!.client.stats()).processId).toBe(first.ups[0]?.hello.processId);
    expect(first.downs).toEqual([]);
  });

  it('[SUP-06] refuses a range that is too small, and says why a process cannot start', async () => {
    expect(() => create({ rtpPortMax: 17_001 })).toThrow(/CROSSPOINT_RTP_PORT_MIN/);
    expect(() => create({ processCount: 0 })).toThrow(/processCount/);
    const { supervisor } = create({ processCount: 1, bindAddress: 'nowhere' });
    await expect(supervisor.start()).rejects.toThrow(/exit code 64.*media-0\.log/);
  });
});
