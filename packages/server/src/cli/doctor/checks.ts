import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { reportCertificates } from '../../carriers/sip/index.ts';
import {
  createLog,
  INSTALLATION_DIR,
  migrationStates,
  PlatformError,
  type Settings,
  lockHolder,
  prepareDataDirectory,
} from '../../platform/index.ts';
import {
  abandonedBases,
  chooseAccount,
  findBinaries,
  recordedLayout,
} from '../../platform/postgres/index.ts';
import { openCommandStorage } from '../storage.ts';
import { checkPorts } from './ports.ts';
import type { CheckResult } from './result.ts';

const NODE_MAJOR_MIN = 24;
const DISK_FREE_MIN_BYTES = 1e9;
const DISK_FREE_LOW_BYTES = 5e9;
const MEMORY_MIN_BYTES = 512e6;

/** Runs every check; none throws, so that one finding never hides another. */
export async function runChecks(settings: Settings): Promise<CheckResult[]> {
  const results = [checkNode(), checkMemory(), checkConsole()];
  const directory = checkDataDirectory(settings);
  results.push(directory);
  const isRunning =
    directory.state !== 'problem' && lockHolder(prepareDataDirectory(settings.dataDir)) !== undefined;
  results.push(checkDisk(settings));
  results.push(...(isRunning ? [] : await checkPorts(settings)));
  results.push(checkPacketPath(settings));
  results.push(...(await checkCertificates(settings)));
  if (settings.databaseUrl === undefined) results.push(...checkEmbeddedPostgres(settings));
  if (directory.state !== 'problem') results.push(await checkDatabase(settings));
  return results;
}

function fromError(subject: string, error: unknown): CheckResult {
  if (error instanceof PlatformError) {
    return { state: 'problem', subject, finding: error.message, remedy: error.remedy };
  }
  return { state: 'problem', subject, finding: error instanceof Error ? error.message : String(error) };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function checkNode(): CheckResult {
  const major = Number(process.versions.node.split('.')[0]);
  const finding = `${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} cores`;
  if (major >= NODE_MAJOR_MIN) return { state: 'ok', subject: 'Node', finding };
  return {
    state: 'problem',
    subject: 'Node',
    finding,
    remedy: 'Start with "npx crosspoint", which uses Node 24.',
  };
}

function checkMemory(): CheckResult {
  const finding = `${gigabytes(freemem())} of ${gigabytes(totalmem())} free`;
  if (freemem() >= MEMORY_MIN_BYTES) return { state: 'ok', subject: 'memory', finding };
  const remedy = 'Crosspoint needs about 400 MB when idle; end other programs or add memory.';
  return { state: 'warning', subject: 'memory', finding, remedy };
}

function checkConsole(): CheckResult {
  const path = join(INSTALLATION_DIR, 'packages/console/build/index.html');
  if (existsSync(path)) return { state: 'ok', subject: 'console', finding: 'built' };
  const remedy = 'Run "npm start" once; it builds the console.';
  return { state: 'warning', subject: 'console', finding: 'not built yet', remedy };
}

function checkDataDirectory(settings: Settings): CheckResult {
  const subject = 'data directory';
  if (!existsSync(settings.dataDir)) return checkFutureDirectory(subject, settings.dataDir);
  try {
    const dataDir = prepareDataDirectory(settings.dataDir);
    const holder = lockHolder(dataDir);
    const use = holder === undefined ? 'not in use' : `in use by the server, process ${holder.pid}`;
    return { state: 'ok', subject, finding: `${dataDir}, ${use}` };
  } catch (error) {
    return fromError(subject, error);
  }
}

/** Looking must not leave anything behind: the folder is made by the first start. */
function checkFutureDirectory(subject: string, dataDir: string): CheckResult {
  const parent = existingParent(dataDir);
  const finding = `${dataDir} is made by the first start`;
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return { state: 'ok', subject, finding };
  } catch {
    const remedy = `This account may not write ${parent}: choose another folder with CROSSPOINT_DATA_DIR.`;
    return { state: 'problem', subject, finding: `${dataDir} does not exist and cannot be made`, remedy };
  }
}

async function checkCertificates(settings: Settings): Promise<CheckResult[]> {
  const subject = 'TLS certificate';
  const remedy =
    'Replace the file; a running server takes it up within half a minute. Phones and trunks refuse the connection until then.';
  const reports = await reportCertificates(settings, Date.now());
  return reports.map(({ name, file, expiresAt, problem }) => {
    if (problem !== '') return { state: 'warning', subject, finding: problem, remedy };
    return { state: 'ok', subject, finding: `${name} until ${expiresAt?.toISOString()} (${file})` };
  });
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path));
}

function checkDisk(settings: Settings): CheckResult {
  const subject = 'disk';
  const { bavail, bsize } = statfsSync(existingParent(settings.dataDir));
  const free = bavail * bsize;
  const finding = `${gigabytes(free)} free at ${settings.dataDir}`;
  const remedy =
    'Free space, or move the data directory with CROSSPOINT_DATA_DIR; an hour of recording takes 115 MB.';
  if (free < DISK_FREE_MIN_BYTES) return { state: 'problem', subject, finding, remedy };
  if (free < DISK_FREE_LOW_BYTES) return { state: 'warning', subject, finding, remedy };
  return { state: 'ok', subject, finding };
}

function checkPacketPath(settings: Settings): CheckResult {
  const subject = 'packet path';
  const wanted = settings.media.packets;
  if (wanted === 'dgram') return { state: 'ok', subject, finding: 'dgram, as set' };
  try {
    createRequire(import.meta.url)('koffi');
    if (process.platform === 'linux') return { state: 'ok', subject, finding: 'koffi (system calls)' };
    return { state: wanted === 'koffi' ? 'problem' : 'ok', subject, finding: 'dgram; koffi needs Linux' };
  } catch (error) {
    const finding = `koffi does not load: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    if (wanted === 'auto') {
      const remedy = 'dgram is used instead; it needs three times as much processor time per packet.';
      return { state: 'warning', subject, finding, remedy };
    }
    return { state: 'problem', subject, finding, remedy: 'Set CROSSPOINT_MEDIA_PACKETS to auto or dgram.' };
  }
}

function checkEmbeddedPostgres(settings: Settings): CheckResult[] {
  const subject = 'own PostgreSQL';
  try {
    const { packageVersion, major } = findBinaries();
    const account = chooseAccount();
    const layout = existsSync(settings.dataDir) ? recordedLayout(settings.dataDir, major) : undefined;
    const where = layout === undefined ? 'not made yet' : `in ${layout.clusterDir}`;
    const finding = `${packageVersion}, ${where}, run by ${account.name}`;
    const leftovers = abandonedBases().map(({ baseDir, dataDir }) => ({
      state: 'warning' as const,
      subject,
      finding: `${baseDir} belongs to ${dataDir}, which is gone`,
      remedy: 'Delete it if that data directory will not come back.',
    }));
    return [{ state: 'ok', subject, finding }, ...leftovers];
  } catch (error) {
    return [fromError(subject, error)];
  }
}

async function checkDatabase(settings: Settings): Promise<CheckResult> {
  const subject = 'database';
  if (settings.databaseUrl === undefined && !existsSync(join(settings.dataDir, 'postgres.json'))) {
    return { state: 'ok', subject, finding: 'is made by the first start' };
  }
  try {
    const storage = await openCommandStorage(settings, createLog({ level: 'silent' }));
    try {
      const pending = (await migrationStates(storage.database)).filter(
        ({ appliedAt }) => appliedAt === undefined,
      );
      const state =
        pending.length === 0
          ? 'up to date'
          : `${pending.length} migration(s) pending, made at the next start`;
      return { state: 'ok', subject, finding: `answers; tables ${state}` };
    } finally {
      await storage.close();
    }
  } catch (error) {
    return fromError(subject, error);
  }
}
