import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';

export interface SelfSignedOptions {
  /** DNS names and IP literals that the certificate is for; the first one is its common name. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

// Tags of X.690 §8.
const boolean = 0x01;
const integer = 0x02;
const bitString = 0x03;
const octetString = 0x04;
const objectIdentifier = 0x06;
const utf8String = 0x0c;
const utcTime = 0x17;
const generalizedTime = 0x18;
const sequence = 0x30;
const set = 0x31;

// Object identifiers in their encoded form: RFC 5758 §3.2, X.520 §6.2.2, RFC 5280 §4.2.1.
const ecdsaWithSha256 = '2a8648ce3d040302';
const commonName = '550403';
const subjectKeyIdentifier = '551d0e';
const subjectAlternativeName = '551d11';
const basicConstraints = '551d13';
const extendedKeyUsage = '551d25';
const serverAuthentication = '2b06010505070301';
const clientAuthentication = '2b06010505070302';

/**
 * Makes a key (P-256) and a certificate (X.509 version 3, RFC 5280) that is signed by that key, both in PEM. It is no
 * authority: a device that trusts it trusts this server and nothing else.
 */
export async function createSelfSigned(
  options: SelfSignedOptions,
): Promise<{ certificate: string; key: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const algorithm = encode(sequence, identifier(ecdsaWithSha256));
  const name = nameOf(options.names[0] ?? 'crosspoint');
  const version3 = encode(0xa0, encode(integer, Buffer.of(2)));
  const body = encode(
    sequence,
    version3,
    encode(integer, serialNumber()),
    algorithm,
    name,
    encode(sequence, timeOf(options.notBefore), timeOf(options.notAfter)),
    name,
    publicKey,
    encode(0xa3, encode(sequence, ...extensionsOf(options.names, publicKey))),
  );
  const signature = encode(bitString, Buffer.of(0), sign('sha256', body, privateKey));
  const certificate = encode(sequence, body, algorithm, signature);
  return { certificate: toPem(certificate), key: privateKey };
}

function extensionsOf(names: readonly string[], publicKey: Buffer): Buffer[] {
  const keyIdentifier = createHash('sha1').update(publicKey).digest();
  const usages = [identifier(serverAuthentication), identifier(clientAuthentication)];
  return [
    extension(basicConstraints, encode(sequence), true),
    extension(extendedKeyUsage, encode(sequence, ...usages)),
    extension(subjectKeyIdentifier, encode(octetString, keyIdentifier)),
    extension(subjectAlternativeName, encode(sequence, ...names.map(alternativeName))),
  ];
}

function extension(type: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [encode(boolean, Buffer.of(0xff))] : [];
  return encode(sequence, identifier(type), ...critical, encode(octetString, value));
}

/** RFC 5280 §4.2.1.6: dNSName is 2, iPAddress 7. */
function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? encode(0x82, Buffer.from(name, 'ascii')) : encode(0x87, addressBytes(name));
}

/** An IP literal in network byte order: 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // URL writes every IPv6 address in hexadecimal groups, an embedded IPv4 address too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) =>
    text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const before = groups(head);
  const after = groups(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]));
}

function nameOf(text: string): Buffer {
  const attribute = encode(sequence, identifier(commonName), encode(utf8String, Buffer.from(text)));
  return encode(sequence, encode(set, attribute));
}

/** 127 random bits, positive and not zero (RFC 5280 §4.1.2.2). */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** RFC 5280 §4.1.2.5: two digits of the year until 2049, then four. */
function timeOf(instant: Date): Buffer {
  const digits = `${instant.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return instant.getUTCFullYear() < 2050
    ? encode(utcTime, Buffer.from(digits.slice(2)))
    : encode(generalizedTime, Buffer.from(digits));
}

function identifier(encoded: string): Buffer {
  return encode(objectIdentifier, Buffer.from(encoded, 'hex'));
}

/** Tag, length and contents (X.690 §8.1, in the distinguished form of §10). */
function encode(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), content]);
  const hex = length.toString(16);
  const lengthBytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | lengthBytes.length), lengthBytes, content]);
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
