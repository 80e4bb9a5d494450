import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from './capture.mjs';
import { Failure } from './failure.mjs';

const installTimeoutMs = 40 * 60_000;
const shownCharsMax = 2_000;

/** Where start notes what it has done; `npm ci` deletes it together with everything that it speaks of. */
export function stampDir(root) {
  return join(root, 'node_modules', '.crosspoint');
}

/**
 * Whether the installed packages are those of package-lock.json. A stamp answers at once; where it does not fit (the
 * lockfile was edited, or somebody ran `npm ci` by hand) npm's own record of what it installed is compared.
 *
 * @param {string} root the checkout
 */
export function packagesAreCurrent(root) {
  const wanted = lockStamp(root);
  const stamp = join(stampDir(root), 'packages');
  const found = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (found === wanted) return true;
  if (found !== undefined && systemOf(found) !== systemOf(wanted)) return false;
  if (!recordMatchesLock(root)) return false;
  writeStamp(root, wanted);
  return true;
}

/**
 * Installs the packages when they are missing or not those of the lockfile.
 *
 * @param {string} root the checkout
 * @returns {Promise<'installed' | 'up to date'>}
 */
export async function ensurePackages(root) {
  if (packagesAreCurrent(root)) return 'up to date';
  const [command, args] = npmCommand();
  const result = await capture(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    timeoutMs: installTimeoutMs,
  });
  if (result.code !== 0) throw explainNpmFailure(result, root);
  writeStamp(root, lockStamp(root));
  return 'installed';
}

/** npm tells a script where it is itself; else the one of the PATH is taken. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(cli)
    ? [process.execPath, [cli]]
    : ['npm', []];
}

/** The lockfile, and what else decides which packages are the right ones: system, processor, C library. */
function lockStamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}-${libc}`;
}

/** The second word of a stamp. */
function systemOf(stamp) {
  return stamp.split(' ')[1];
}

function writeStamp(root, content) {
  const path = join(stampDir(root), 'packages');
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    // Installed by another account, for instance: everything works, only the check takes longer each time.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

function recordMatchesLock(root) {
  const lock = readPackages(join(root, 'package-lock.json'));
  const record = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (lock === undefined || record === undefined) return false;
  return Object.entries(lock).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || wanted.link === true) return true;
    const found = record[path];
    // npm leaves out the optional packages of other systems, peers that nobody needs, and what nothing refers to.
    if (found === undefined) {
      return [wanted.optional, wanted.devOptional, wanted.peer, wanted.extraneous].includes(true);
    }
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined; // Missing or cut short: nothing is known about what is installed.
  }
}

const causes = [
  {
    pattern: /ENOSPC|EDQUOT|no space left/i,
    message: 'The disk is full.',
    remedy:
      'Free about 1 GB on the disk of this folder and of the npm cache (npm config get cache), then start again.',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    message: 'The npm registry cannot be reached.',
    remedy:
      'Check the network and, behind a proxy, "npm config get proxy" and "npm config get registry". The first start ' +
      'needs the network; later ones do not.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    message: 'npm may not write here.',
    remedy: 'Give this account the folder and the npm cache (npm config get cache), then start again.',
  },
  {
    pattern: /EINTEGRITY/,
    message: 'A downloaded package is damaged.',
    remedy: 'Run "npm cache verify" and start again.',
  },
  {
    pattern: /EUSAGE|can only install packages when/i,
    message: 'package.json and package-lock.json do not belong together.',
    remedy: 'Restore both from the repository (git checkout package.json package-lock.json) and start again.',
  },
];

/** Says in words why `npm ci` failed. */
export function explainNpmFailure({ code, output }, root) {
  if (code === 127) {
    return new Failure(
      'npm was not found.',
      'Install Node.js 20 or newer together with npm, then start again.',
    );
  }
  const details = output.slice(-shownCharsMax);
  if (code === 124) {
    const remedy = 'The network may be very slow: start again, npm goes on with what it has already fetched.';
    return new Failure(
      `Installing the packages took over ${installTimeoutMs / 60_000} minutes.`,
      remedy,
      details,
    );
  }
  const cause = causes.find(({ pattern }) => pattern.test(output));
  return new Failure(
    `The packages could not be installed (npm ci, exit code ${code}). ${cause?.message ?? ''}`.trim(),
    cause?.remedy ?? `Run "npm ci" in ${root} to see everything that npm says.`,
    details,
  );
}
