import { describe, expect, it } from 'vitest';
import { generator } from '../../test/world.ts';
import { encodeUtf8, SipRequest, SipResponse } from '../message/index.ts';
import {
  answerChallenge,
  computeHa1,
  computeResponse,
  DigestServer,
  hmacSha256,
  md5,
  parseDigestHeader,
  sha256,
  toHex,
  type DigestAlgorithm,
  type DigestServerOptions,
} from './index.ts';

describe('hashes', () => {
  it('[DIG-01] [RFC1321 A.5] MD5 gives the published digests', () => {
    const vectors: Array<[string, string]> = [
      ['', 'd41d8cd98f00b204e9800998ecf8427e'],
      ['abc', '900150983cd24fb0d6963f7d28e17f72'],
      ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
      [
        '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
        '57edf4a22be3c955ac49da2e2107b67a',
      ],
    ];
    for (const [text, digest] of vectors) expect(toHex(md5(encodeUtf8(text)))).toBe(digest);
  });

  it('[DIG-02] [FIPS180-4] SHA-256 and [RFC4231] HMAC give the published digests', () => {
    const vectors: Array<[string, string]> = [
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      ],
    ];
    for (const [text, digest] of vectors) expect(toHex(sha256(encodeUtf8(text)))).toBe(digest);
    expect(toHex(hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    expect(
      toHex(
        hmacSha256(
          new Uint8Array(131).fill(0xaa),
          encodeUtf8('Test Using Larger Than Block-Size Key - Hash Key First'),
        ),
      ),
    ).toBe('60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54');
  });

  it('[DIG-03] [RFC7616 §3.9.1] computes the published responses', () => {
    for (const [algorithm, response] of [
      ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
      ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ] as const) {
      const ha1 = computeHa1('Mufasa', 'http-auth@example.org', 'Circle of Life', algorithm);
      expect(
        computeResponse({
          algorithm,
          ha1,
          method: 'GET',
          uri: '/dir/index.html',
          nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
          qop: {
            value: 'auth',
            nonceCount: '00000001',
            cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
          },
        }),
      ).toBe(response);
    }
  });
});

const password = 'secret';
const address = '192.0.2.7';
const anyRequest = new SipRequest('REGISTER', 'sip:example.test');

function server(options: Partial<DigestServerOptions> = {}): DigestServer {
  return new DigestServer({
    realm: 'example.test',
    secret: new Uint8Array(32).fill(7),
    random32: generator(5),
    algorithms: () => ['SHA-256', 'MD5'],
    nonceLifetimeMs: 10_000,
    usedNoncesMax: 100,
    credentials: (username, realm, algorithm) =>
      username === 'alice' ? computeHa1(username, realm, password, algorithm) : undefined,
    ...options,
  });
}

type Attempt = {
  username?: string;
  secret?: string;
  count?: number;
  qop?: boolean;
  algorithm?: DigestAlgorithm;
  uri?: string;
};

/** A REGISTER that answers the challenge with that nonce. */
function attempt(nonce: string, options: Attempt = {}): SipRequest {
  const {
    username = 'alice',
    secret = password,
    count = 1,
    qop = true,
    algorithm = 'MD5',
    uri = 'sip:example.test',
  } = options;
  const request = new SipRequest('REGISTER', 'sip:example.test');
  const nonceCount = count.toString(16).padStart(8, '0');
  const response = computeResponse({
    algorithm,
    ha1: computeHa1(username, 'example.test', secret, algorithm),
    method: 'REGISTER',
    uri,
    nonce,
    ...(qop ? { qop: { value: 'auth', nonceCount, cnonce: 'c' } } : {}),
  });
  const tail = qop ? `, qop=auth, nc=${nonceCount}, cnonce="c"` : '';
  request.push(
    'Authorization',
    `Digest username="${username}", realm="example.test", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${tail}`,
  );
  return request;
}

function nonceOf(challenges: string[]): string {
  return parseDigestHeader(challenges[0] ?? '')?.get('nonce') ?? '';
}

describe('DigestServer', () => {
  it('[DIG-10] challenges with the best algorithm first and accepts each', () => {
    const digest = server();
    const challenges = digest.challenge(anyRequest, address, false, 0);
    expect(challenges.map((value) => parseDigestHeader(value)?.get('algorithm'))).toEqual(['SHA-256', 'MD5']);
    const nonce = nonceOf(challenges);
    expect(digest.verify(attempt(nonce), address, 1)).toEqual({ ok: true, username: 'alice' });
    expect(digest.verify(attempt(nonce, { algorithm: 'SHA-256', count: 2 }), address, 1).ok).toBe(true);
  });

  it('[DIG-11] refuses wrong passwords and unknown users alike', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    const wrong = { ok: false, stale: false, why: 'wrong-credentials' };
    expect(digest.verify(attempt(nonce, { secret: 'x' }), address, 1)).toEqual(wrong);
    expect(digest.verify(attempt(nonce, { username: 'nobody' }), address, 1)).toEqual(wrong);
    expect(digest.verify(new SipRequest('REGISTER', 'sip:a'), address, 1)).toMatchObject({ why: 'missing' });
  });

  it('[DIG-12] calls a nonce stale when it is too old, foreign, or from another address', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    const stale = { ok: false, stale: true, why: 'stale-nonce' };
    expect(digest.verify(attempt(nonce), '192.0.2.8', 1)).toEqual(stale);
    expect(
      digest.verify(attempt(nonce.replace(/.$/, (last) => (last === '0' ? '1' : '0'))), address, 1),
    ).toEqual(stale);
    expect(digest.verify(attempt(nonce), address, 10_000)).toEqual(stale);
    expect(digest.verify(attempt(nonce), address, 9_999).ok).toBe(true);
    expect(digest.challenge(anyRequest, address, true, 1)[0]).toContain('stale=true');
  });

  it('[DIG-13] takes each nonce count once, in any order within a window of 32', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    const takes = (count: number): boolean => digest.verify(attempt(nonce, { count }), address, 1).ok;
    expect([takes(1), takes(1), takes(3), takes(2), takes(2)]).toEqual([true, false, true, true, false]);
    expect([takes(50), takes(19), takes(18), takes(49)]).toEqual([true, true, false, true]);
  });

  it('[DIG-14] [RFC2617] serves a client without qop once per nonce', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    expect(digest.verify(attempt(nonce, { qop: false }), address, 1).ok).toBe(true);
    expect(digest.verify(attempt(nonce, { qop: false }), address, 1)).toMatchObject({
      ok: false,
      stale: true,
    });
  });

  it('[DIG-15] forgets the oldest used nonces beyond the limit and never accepts them again', () => {
    const digest = server({ usedNoncesMax: 2 });
    const nonces = [1, 2, 3].map((at) => nonceOf(digest.challenge(anyRequest, address, false, at)));
    for (const nonce of nonces) expect(digest.verify(attempt(nonce), address, 4).ok).toBe(true);
    for (const nonce of nonces) expect(digest.verify(attempt(nonce), address, 4).ok).toBe(false);
  });

  it('[DIG-16] refuses credentials computed for another callee', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    expect(digest.verify(attempt(nonce, { uri: 'sip:other@example.test' }), address, 1)).toMatchObject({
      why: 'wrong-uri',
    });
  });

  it('[DIG-17] survives malformed Authorization headers', () => {
    const digest = server();
    for (const value of [
      '',
      'Digest',
      'Basic x',
      'Digest realm="example.test"',
      'Digest realm="example.test',
      'Digest realm="example.test", username="alice", nonce="n", uri="sip:a", response="r", qop=auth, nc=zz',
    ]) {
      const request = new SipRequest('REGISTER', 'sip:example.test');
      request.push('Authorization', value);
      expect(digest.verify(request, address, 1).ok).toBe(false);
    }
  });
});

describe('answerChallenge', () => {
  it('[DIG-20] [RFC8760 §2.4] answers the topmost challenge that it knows, and the server agrees', () => {
    const digest = server();
    const response = new SipResponse(401, 'Unauthorized');
    response.push(
      'WWW-Authenticate',
      'Digest realm="example.test", nonce="x", algorithm=SHA-512-256, qop="auth"',
    );
    for (const challenge of digest.challenge(anyRequest, address, false, 0))
      response.push('WWW-Authenticate', challenge);
    const answer = answerChallenge(
      response,
      'REGISTER',
      'sip:example.test',
      { username: 'alice', password },
      'abc',
    );
    expect(answer?.name).toBe('Authorization');
    expect(answer?.value).toContain('algorithm=SHA-256');
    const request = new SipRequest('REGISTER', 'sip:example.test');
    request.push('Authorization', answer?.value ?? '');
    expect(digest.verify(request, address, 1).ok).toBe(true);
  });

  it('[DIG-21] answers nobody but the realm it was given for', () => {
    const response = new SipResponse(407, 'Proxy Authentication Required');
    response.push('Proxy-Authenticate', 'Digest realm="evil", nonce="n"');
    const credentials = { username: 'alice', password, realm: 'example.test' };
    expect(answerChallenge(response, 'INVITE', 'sip:a@b', credentials, 'c')).toBeUndefined();
    expect(answerChallenge(response, 'INVITE', 'sip:a@b', { username: 'alice', password }, 'c')?.name).toBe(
      'Proxy-Authorization',
    );
  });
});
