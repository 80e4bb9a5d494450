import { X509Certificate, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A self-signed certificate for DTLS, and what a description says of it (RFC 8122 §5). */
export interface DtlsCertificate {
  certificatePem: string;
  keyPem: string;
  fingerprint: { algorithm: 'sha-256'; value: string };
}

// ITU-T X.690 §8: tags of the few types that a certificate is made of.
const tag = {
  integer: 0x02,
  bitString: 0x03,
  utf8: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
};
/** Explicit tag 0, in which the version stands (RFC 5280 §4.1). */
const versionTag = 0xa0;
const version3 = 2;
const serialBytes = 16;
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758 §3.2). */
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex');
/** 2.5.4.3, the common name. */
const commonName = Buffer.from('0603550403', 'hex');

/**
 * Makes a key (P-256) and a certificate of it. Who holds it is known by its fingerprint in the signalling, so it names
 * nobody and does not expire (RFC 5280 §4.1.2.5).
 */
export function makeDtlsCertificate(): DtlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = element(tag.sequence, ecdsaWithSha256);
  const attribute = element(tag.sequence, commonName, element(tag.utf8, Buffer.from('WebRTC')));
  const name = element(tag.sequence, element(tag.set, attribute));
  const serial = randomBytes(serialBytes);
  // Positive, and without a leading zero.
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  const body = element(
    tag.sequence,
    element(versionTag, element(tag.integer, Buffer.from([version3]))),
    element(tag.integer, serial),
    algorithm,
    name,
    element(
      tag.sequence,
      element(tag.utcTime, Buffer.from('200101000000Z')),
      element(tag.time, Buffer.from('99991231235959Z')),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const certificate = new X509Certificate(
    element(tag.sequence, body, algorithm, element(tag.bitString, signature)),
  );
  return {
    certificatePem: certificate.toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    fingerprint: { algorithm: 'sha-256', value: certificate.fingerprint256 },
  };
}

/** One element in DER: its tag, its length and what it is made of. */
function element(tagByte: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tagByte, length]
      : length < 0x100
        ? [tagByte, 0x81, length]
        : [tagByte, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
