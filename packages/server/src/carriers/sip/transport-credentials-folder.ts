import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCredentials, type CredentialsFolder, type NamedCredentials } from './transport-credentials.ts';

const filesMax = 1_000;
const fileBytesMax = 1 << 20;
const extension = '.pem';

/**
 * Reads every `NAME.pem` of a folder. A file with a private key is a certificate of ours (the own one first, then those
 * between it and the root); one without is an authority, or several. A file that cannot be used is told and left out: the
 * others serve. Never rejects.
 */
export async function readCredentialsFolder(path: string, nowMs: number): Promise<CredentialsFolder> {
  const credentials = new Map<string, NamedCredentials>();
  const authorities = new Map<string, string>();
  const problems: string[] = [];
  let names: string[] = [];
  try {
    names = (await readdir(path)).filter((name) => name.endsWith(extension)).toSorted();
  } catch (error) {
    problems.push(`the folder ${path} cannot be read: ${codeOf(error)}; give this account the folder`);
  }
  if (names.length > filesMax) problems.push(`the folder ${path} has more than ${filesMax} certificates`);
  for (const fileName of names.slice(0, filesMax)) {
    const name = fileName.slice(0, -extension.length);
    const file = join(path, fileName);
    try {
      const pem = await readPem(file);
      if (pem.includes('PRIVATE KEY-----')) {
        const { warning, ...pair } = checkCredentials(
          { certificate: pem, key: pem },
          { certificate: file, key: file },
          nowMs,
        );
        if (warning !== undefined) problems.push(warning);
        credentials.set(name, { name, file, ...pair, x509: new X509Certificate(pem) });
      } else {
        for (const authority of certificatesIn(pem)) void new X509Certificate(authority);
        authorities.set(name, pem);
      }
    } catch (error) {
      problems.push(`the file ${file} cannot be used: ${(error as Error).message}`);
    }
  }
  return { path, credentials, authorities, problems };
}

/** Each certificate of a file for itself. */
export function certificatesIn(pem: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw new Error('it holds no certificate in PEM');
  return found;
}

async function readPem(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > fileBytesMax) throw new Error(`it has more than ${fileBytesMax} bytes`);
  return readFile(file, 'utf8');
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
