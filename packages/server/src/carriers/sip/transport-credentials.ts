import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { PlatformError, writeDurably } from '../../platform/index.ts';
import { isWildcard } from './addressing.ts';
import { createSelfSigned } from './transport-certificate.ts';

/** What TLS proves our identity with, in PEM. */
export interface TlsCredentials {
  /** The certificate, and behind it those of the authorities between it and the root. */
  readonly certificate: string;
  readonly key: string;
  /** What a person should know about a certificate that can be used. */
  readonly warning?: string;
  /** Further certificates; undefined when no folder is set. */
  readonly folder?: CredentialsFolder;
}

/** A certificate with its key, chosen by name. */
export interface NamedCredentials {
  readonly name: string;
  readonly file: string;
  readonly certificate: string;
  readonly key: string;
  readonly x509: X509Certificate;
}

/** The further certificates of a server: what it shows under other names, and whom it trusts at trunks. */
export interface CredentialsFolder {
  readonly path: string;
  /** By the name of their file: certificates with a key. */
  readonly credentials: ReadonlyMap<string, NamedCredentials>;
  /** By the name of their file: authorities, certificates without a key. */
  readonly authorities: ReadonlyMap<string, string>;
  /** What cannot be used, or not for long, as sentences that name the file and the cause. */
  readonly problems: readonly string[];
}

export interface CredentialFiles {
  readonly certificate: string;
  readonly key: string;
}

const certificateSetting = 'CROSSPOINT_SIP_TLS_CERT';
const keySetting = 'CROSSPOINT_SIP_TLS_KEY';
const dayMs = 86_400_000;
const ownLifetimeDays = 825;
/** A certificate that ends this soon is made anew, or complained about when it was given. */
const renewalDays = 30;

/**
 * Reads a given certificate and its key and checks that they belong together.
 *
 * @throws {PlatformError} `certificate-unusable`, naming the file, the cause and the remedy.
 */
export async function readCredentials(files: CredentialFiles, nowMs: number): Promise<TlsCredentials> {
  const certificate = await read(files.certificate, 'certificate', certificateSetting);
  const key = await read(files.key, 'key', keySetting);
  return checkCredentials({ certificate, key }, files, nowMs);
}

/**
 * The self-signed certificate of the data directory, in one file with its key; made when there is none, or when it
 * ends within a month.
 *
 * @throws {PlatformError} `certificate-unusable` when the file is damaged or cannot be written.
 */
export async function ownCredentials(
  dataDir: string,
  names: readonly string[],
  nowMs: number,
): Promise<TlsCredentials> {
  const path = ownCredentialsPath(dataDir);
  const stored = await readOwn(path);
  if (stored !== undefined) {
    const files = { certificate: path, key: path };
    const { warning, ...credentials } = checkCredentials({ certificate: stored, key: stored }, files, nowMs);
    if (warning === undefined) return credentials;
  }
  const made = await createSelfSigned({
    names,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + ownLifetimeDays * dayMs),
  });
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(path, made.key + made.certificate);
  } catch (error) {
    const remedy = 'Give this account the folder, or free space there.';
    throw unusable(`The own TLS certificate ${path} cannot be written: ${reasonOf(error)}.`, remedy, error);
  }
  return made;
}

/** Where the own certificate lies together with its key. */
export function ownCredentialsPath(dataDir: string): string {
  return join(dataDir, 'keys', 'sip-tls.pem');
}

/** The names of this host in its own certificate: what phones may have been told to connect to. */
export function ownNames(host: string, publicAddress: string | undefined): string[] {
  const local = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    // A link-local address means something only together with its interface.
    .filter((address) => !address.startsWith('fe80:'));
  const own = isWildcard(host) ? local : [host];
  const names = [...(publicAddress === undefined ? [] : [publicAddress]), hostname(), ...own];
  return [...new Set([...names, 'localhost', '127.0.0.1', '::1'])].filter((name) =>
    /^[\x21-\x7e]+$/.test(name),
  );
}

/**
 * Checks a certificate and its key, given as text together with the files that they come from.
 *
 * @throws {PlatformError} `certificate-unusable`, naming the file, the cause and the remedy.
 */
export function checkCredentials(
  pem: CredentialFiles,
  files: CredentialFiles,
  nowMs: number,
): TlsCredentials {
  const certificate = parse(
    () => new X509Certificate(pem.certificate),
    `The TLS certificate ${files.certificate} is no certificate in PEM`,
    'Name a file that begins with -----BEGIN CERTIFICATE----- (first the own one, then those between it and the root).',
  );
  const key = parse(
    () => createPrivateKey(pem.key),
    `The TLS key ${files.key} is no private key in PEM, or is protected by a passphrase`,
    `Name the unprotected key with ${keySetting}; "openssl pkey -in FILE -out NEW" takes a passphrase away.`,
  );
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(
      `The TLS key ${files.key} does not belong to the certificate ${files.certificate}.`,
      `Name the two files of one pair with ${certificateSetting} and ${keySetting}.`,
    );
  }
  const warning = expiryWarning(certificate, files.certificate, nowMs);
  return { ...pem, ...(warning === undefined ? {} : { warning }) };
}

/** A certificate out of its time still opens: calls over the other transports must not wait for it. */
export function expiryWarning(certificate: X509Certificate, file: string, nowMs: number): string | undefined {
  const { validFromDate, validToDate } = certificate;
  const until = validToDate.toISOString();
  if (nowMs >= validToDate.getTime())
    return `the certificate ${file} has expired (${until}); phones refuse it`;
  if (nowMs < validFromDate.getTime())
    return `the certificate ${file} is not valid before ${validFromDate.toISOString()}`;
  const soon = validToDate.getTime() - nowMs < renewalDays * dayMs;
  return soon ? `the certificate ${file} expires on ${until}; renew it` : undefined;
}

async function read(file: string, what: string, setting: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const message = `The TLS ${what} ${file} (${setting}) cannot be read: ${reasonOf(error)}.`;
    throw unusable(message, `Name a PEM file that this account may read with ${setting}.`, error);
  }
}

async function readOwn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const remedy = 'Give this account the file, or delete it: a new certificate is made then.';
    throw unusable(`The own TLS certificate ${path} cannot be read: ${reasonOf(error)}.`, remedy, error);
  }
}

function parse<Parsed>(read: () => Parsed, message: string, remedy: string): Parsed {
  try {
    return read();
  } catch (error) {
    throw unusable(`${message} (${reasonOf(error)}).`, remedy, error);
  }
}

function unusable(message: string, remedy: string, cause?: unknown): PlatformError {
  return new PlatformError('certificate-unusable', message, remedy, cause);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
