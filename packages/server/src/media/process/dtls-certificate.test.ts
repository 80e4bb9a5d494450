import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeDtlsCertificate } from './dtls-certificate.ts';

test('[RFC8122 §5] makes a certificate of its own key, signed by it, and names its fingerprint', () => {
  const { certificatePem, keyPem, fingerprint } = makeDtlsCertificate();
  const certificate = new X509Certificate(certificatePem);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect(fingerprint).toEqual({ algorithm: 'sha-256', value: certificate.fingerprint256 });
  expect(new Date(certificate.validTo).getUTCFullYear()).toBe(9999);
});

test('[RFC5763 §6.2] makes another one for each leg', () => {
  const [first, second] = [makeDtlsCertificate(), makeDtlsCertificate()];
  expect(first.fingerprint.value).not.toBe(second.fingerprint.value);
});
