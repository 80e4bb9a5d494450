import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/** A file system of its own, to be filled or cut off. */
export interface Disk {
  /** Where it is mounted; the database, which runs under an account of its own, may pass. */
  readonly folder: string;
  /** Unmounts and removes it. */
  remove(): Promise<void>;
}

/** The request that makes a file system forget what it has not written yet: `FS_IOC_SHUTDOWN`, without flushing its log. */
const shutdownRequest = 0x80_04_58_7d;
const noLogFlush = 2;

/** A disk of that size in memory; undefined where this account may mount none. */
export function smallDisk(megabytes: number): Disk | undefined {
  const folder = makeFolder();
  if (!mount(['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  chmodSync(folder, 0o755);
  return {
    folder,
    async remove() {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** A disk whose power can be cut: of what is written, only what was brought to the medium is there afterwards. */
export class CuttableDisk implements Disk {
  readonly folder: string;
  readonly #parent: string;
  readonly #image: string;

  private constructor(parent: string, image: string, folder: string) {
    this.#parent = parent;
    this.#image = image;
    this.folder = folder;
  }

  /** An ext4 of that size in a file; undefined where this account may mount none. */
  static make(megabytes: number): CuttableDisk | undefined {
    const parent = makeFolder();
    const [image, folder] = [join(parent, 'image'), join(parent, 'disk')];
    mkdirSync(folder);
    writeFileSync(image, '');
    truncateSync(image, megabytes * 1024 * 1024);
    execFileSync('mkfs.ext4', ['-q', image], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/sbin:/usr/sbin` },
    });
    const disk = new CuttableDisk(parent, image, folder);
    if (disk.#mount()) return disk;
    rmSync(parent, { recursive: true });
    return undefined;
  }

  /** From now on nothing reaches the medium any more; programs get errors (EIO). */
  cut(): void {
    const program = `open my $folder, '<', $ARGV[0] or die; my $flags = pack('L', ${noLogFlush}); ioctl($folder, ${shutdownRequest}, $flags) or die $!`;
    execFileSync('perl', ['-e', program, this.folder]);
  }

  /** After the cut, when no program uses it any more: what was on the medium is there again. */
  async restore(): Promise<void> {
    await this.#unmount();
    if (!this.#mount()) throw new Error(`${this.#image} cannot be mounted again.`);
  }

  async remove(): Promise<void> {
    await this.#unmount();
    rmSync(this.#parent, { recursive: true });
  }

  #mount(): boolean {
    if (!mount(['-o', 'loop', this.#image, this.folder])) return false;
    chmodSync(this.folder, 0o755);
    return true;
  }

  async #unmount(): Promise<void> {
    let said = '';
    await until(
      'the disk to be free',
      () => {
        const { status, stderr } = spawnSync('umount', [this.folder], { encoding: 'utf8' });
        said = stderr;
        return status === 0;
      },
      { everyMs: 200, seen: () => said },
    );
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-disk-'));
  chmodSync(folder, 0o755);
  return folder;
}

function mount(args: readonly string[]): boolean {
  return spawnSync('mount', args).status === 0;
}
