import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Settings } from '../../platform/index.ts';
import { readCredentialsFolder } from './transport-credentials-folder.ts';
import { expiryWarning, ownCredentialsPath, readCredentials } from './transport-credentials.ts';

/** One certificate as a person sees it. */
export interface CertificateReport {
  /** Whom it names. */
  name: string;
  file: string;
  /** Undefined when it cannot be read. */
  expiresAt: Date | undefined;
  /** What is wrong, with the file and the cause; empty when nothing is. */
  problem: string;
}

/** Every certificate that SIP over TLS uses, as it lies on the disk now; none while TLS is off. */
export async function reportCertificates(
  { sip, dataDir }: Pick<Settings, 'sip' | 'dataDir'>,
  nowMs: number,
): Promise<CertificateReport[]> {
  if (sip.tlsPort === undefined) return [];
  const { tlsCert: certificate, tlsKey: key, tlsDir } = sip;
  const first =
    certificate === undefined || key === undefined
      ? await reportOwn(dataDir, nowMs)
      : [await reportGiven({ certificate, key }, nowMs)];
  return tlsDir === undefined ? first : [...first, ...(await reportFolder(tlsDir, nowMs))];
}

async function reportGiven(
  files: { certificate: string; key: string },
  nowMs: number,
): Promise<CertificateReport> {
  try {
    const { certificate } = await readCredentials(files, nowMs);
    return reportOf(new X509Certificate(certificate), files.certificate, nowMs);
  } catch (error) {
    return unusable(files.certificate, (error as Error).message);
  }
}

/** The own certificate is made by the server when it starts. */
async function reportOwn(dataDir: string, nowMs: number): Promise<CertificateReport[]> {
  const path = ownCredentialsPath(dataDir);
  if (!existsSync(path)) return [];
  try {
    return [reportOf(new X509Certificate(await readFile(path)), path, nowMs)];
  } catch (error) {
    return [unusable(path, `${path} is damaged (${(error as Error).message}); delete it, a new one is made`)];
  }
}

async function reportFolder(path: string, nowMs: number): Promise<CertificateReport[]> {
  const { credentials, problems } = await readCredentialsFolder(path, nowMs);
  const usable = [...credentials.values()].map(({ x509, file }) => reportOf(x509, file, nowMs));
  const told = new Set(usable.map(({ problem }) => problem));
  return [
    ...usable,
    ...problems.filter((problem) => !told.has(problem)).map((problem) => unusable(path, problem)),
  ];
}

function reportOf(x509: X509Certificate, file: string, nowMs: number): CertificateReport {
  const name = /^CN=(.+)$/m.exec(x509.subject)?.[1] ?? basename(file);
  return { name, file, expiresAt: x509.validToDate, problem: expiryWarning(x509, file, nowMs) ?? '' };
}

function unusable(file: string, problem: string): CertificateReport {
  return { name: basename(file), file, expiresAt: undefined, problem };
}
