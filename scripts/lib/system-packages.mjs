import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './capture.mjs';
import { Failure } from './failure.mjs';

/** Programs that the end-to-end tests drive, and the Debian packages that bring them. */
const programs = [
  { program: 'sipp', debianPackage: 'sip-tester' },
  { program: 'baresip', debianPackage: 'baresip-core' },
  { program: 'sox', debianPackage: 'sox' },
  // Reads the MP3 recordings; Debian's sox alone does not.
  { program: 'MP3 for sox', debianPackage: 'libsox-fmt-mp3', library: 'sox/libsox_fmt_mp3.so' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'chromium-headless-shell', debianPackage: 'chromium-headless-shell' },
  { program: 'openssl', debianPackage: 'openssl' },
  // A network behind a router, and a disk whose power is cut.
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'iptables', debianPackage: 'iptables' },
  { program: 'mkfs.ext4', debianPackage: 'e2fsprogs' },
  { program: 'perl', debianPackage: 'perl' },
  // Speak as callers, and understand them.
  { program: 'espeak-ng', debianPackage: 'espeak-ng' },
  { program: 'pocketsphinx_batch', debianPackage: 'pocketsphinx' },
  {
    program: 'the English model of pocketsphinx',
    debianPackage: 'pocketsphinx-en-us',
    folder: '/usr/share/pocketsphinx/model/en-us',
  },
  // Debian keeps the server outside of the PATH, one folder per version.
  { program: 'postgres', debianPackage: 'postgresql', folder: '/usr/lib/postgresql' },
];

/** Not all of them are in everybody's PATH. */
const systemFolders = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/sbin'];

const updateTimeoutMs = 5 * 60_000;
const installTimeoutMs = 20 * 60_000;
const shownCharsMax = 2_000;

/**
 * Installs what is missing of the programs that the tests drive: as root, or by sudo when that asks for no password.
 * Where neither is possible it throws a Failure that names packages and command, since a test that cannot run must
 * not look like one that passed.
 *
 * @returns {Promise<string>} what was done, in a few words
 */
export async function ensureSystemPackages() {
  const missing = programs.filter((wanted) => !isPresent(wanted));
  if (missing.length === 0) return 'present';
  const packages = missing.map(({ debianPackage }) => debianPackage);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const prefix = await privileges();
  const remedy = `Install them yourself and run the tests again:\n  sudo apt-get update && sudo ${command}`;
  const what = `These programs are missing: ${missing.map(({ program }) => program).join(', ')}`;
  if (!existsSync('/usr/bin/apt-get')) throw new Failure(`${what}. This system has no apt-get.`, remedy);
  if (prefix === undefined) throw new Failure(`${what}, and this account may not install packages.`, remedy);

  const apt = (args, timeoutMs) => {
    const [first, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return capture(first, rest, { timeoutMs });
  };
  const install = () => apt(command.split(' ').slice(1), installTimeoutMs);
  // The lists may be old or absent; when they cannot be renewed, what is there may still do.
  const update = await apt(
    ['update', '-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=1'],
    updateTimeoutMs,
  );
  const result = await install();
  const stillMissing = missing.filter((wanted) => !isPresent(wanted));
  if (result.code !== 0 || stillMissing.length > 0) {
    const details = `${update.code === 0 ? '' : update.output}${result.output}`.slice(-shownCharsMax);
    throw new Failure(`${what}, and installing them failed.`, remedy, details);
  }
  return `installed ${packages.join(', ')}`;
}

/** What to put before a command that needs root: nothing, sudo, or undefined when neither works. */
async function privileges() {
  if (process.getuid?.() === 0) return [];
  if (!isOnPath('sudo')) return undefined;
  const answer = await capture('sudo', ['-n', 'true'], { timeoutMs: 60_000 });
  return answer.code === 0 ? ['sudo', '-n'] : undefined;
}

function isPresent({ program, folder, library }) {
  if (library !== undefined) {
    // Debian keeps libraries in one folder per architecture.
    return readdirSync('/usr/lib').some((architecture) =>
      existsSync(join('/usr/lib', architecture, library)),
    );
  }
  return folder === undefined ? isOnPath(program) : existsSync(folder) && readdirSync(folder).length > 0;
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...systemFolders];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}
