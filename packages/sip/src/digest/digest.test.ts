import { createHash } from 'node:crypto';
import fc from 'fast-check';
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
  DigestClient,
  sha256,
  sha512t256,
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

  it('[DIG-04] [FIPS180-4 §6.7] SHA-512/256 gives the published digests, whatever the length of the last block', () => {
    const vectors: Array<[string, string]> = [
      ['', 'c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a'],
      ['abc', '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23'],
      [
        'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
        '3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a',
      ],
      ['a'.repeat(111), '0239e429f98d0ed61ee8e2a7c30afe98c1c3a80ce5dff62a107e9c538f7632ce'],
      ['a'.repeat(112), '9216b5303edb66504570bee90e48ea5beaa5e9fe9f760bbd3e0460559fc005f6'],
      ['a'.repeat(127), '2fe3b2a6ee7e12f6fe4ba82166541ad9b4ed882c493581cbe300d68f3757b778'],
      ['a'.repeat(128), 'b88f97e274f9c1d49f181c8cbd01a9c74930ad055a46ac4499a1d601f1c80bf2'],
    ];
    for (const [text, digest] of vectors) expect(toHex(sha512t256(encodeUtf8(text)))).toBe(digest);
  });

  it('[DIG-04] [FIPS180-4] every hash agrees with OpenSSL', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const [name, hash] of [
          ['sha512-256', sha512t256],
          ['sha256', sha256],
          ['md5', md5],
        ] as const)
          expect(toHex(hash(bytes))).toBe(createHash(name).update(bytes).digest('hex'));
      }),
    );
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
  isSession?: boolean;
  protection?: 'auth' | 'auth-int';
  extra?: string;
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
    isSession = false,
    protection = 'auth',
    extra = '',
  } = options;
  const request = new SipRequest('REGISTER', 'sip:example.test');
  request.body = encodeUtf8('covered');
  const nonceCount = count.toString(16).padStart(8, '0');
  const response = computeResponse({
    algorithm,
    isSession,
    cnonce: 'c',
    body: request.body,
    ha1: computeHa1(username, 'example.test', secret, algorithm),
    method: 'REGISTER',
    uri,
    nonce,
    ...(qop ? { qop: { value: protection, nonceCount, cnonce: 'c' } } : {}),
  });
  const tail = qop ? `, qop=${protection}, nc=${nonceCount}, cnonce="c"` : '';
  request.push(
    'Authorization',
    `Digest username="${username}", realm="example.test", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${isSession ? '-sess' : ''}${tail}${extra}`,
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
    const wrong = { ok: false, stale: false, why: 'wrong-credentials', hasOwnNonce: true };
    const refusalOf = (change: object) => digest.verify(attempt(nonce, change), address, 1);
    expect(refusalOf({ secret: 'x' })).toEqual({ ...wrong, username: 'alice' });
    expect(refusalOf({ username: 'nobody' })).toEqual({ ...wrong, username: 'nobody' });
    // Whoever cannot receive at this address cannot have its nonce.
    const forged = digest.verify(attempt(nonce, { secret: 'x' }), '192.0.2.8', 1);
    expect(forged).toMatchObject({ why: 'wrong-credentials', hasOwnNonce: false });
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

  it('[DIG-18] checks auth-int and the -sess variants, though it offers neither', () => {
    const digest = server({ algorithms: () => ['SHA-512-256', 'SHA-256', 'MD5'] });
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    let count = 0;
    for (const algorithm of ['SHA-512-256', 'SHA-256', 'MD5'] as const) {
      for (const isSession of [false, true]) {
        for (const protection of ['auth', 'auth-int'] as const) {
          const request = attempt(nonce, { algorithm, isSession, protection, count: ++count });
          expect(digest.verify(request, address, 1)).toEqual({ ok: true, username: 'alice' });
        }
      }
    }
    const changed = attempt(nonce, { protection: 'auth-int', count: ++count });
    changed.body = encodeUtf8('changed');
    expect(digest.verify(changed, address, 1)).toMatchObject({ why: 'wrong-credentials' });
  });

  it('[DIG-18] [RFC7616 §3.4.4] refuses hashed user names', () => {
    const digest = server();
    const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
    const verify = (extra: string) => digest.verify(attempt(nonce, { extra }), address, 1);
    expect(verify(', userhash=true')).toMatchObject({ why: 'malformed' });
    expect(verify(', userhash=false').ok).toBe(true);
  });

  it('[DIG-19] does the same work for unknown users as for known ones', () => {
    for (const username of ['alice', 'nobody']) {
      const asked: string[] = [];
      const digest = server({
        credentials: (name, realm, algorithm) => {
          asked.push(name);
          return name === 'alice' ? computeHa1(name, realm, 'other', algorithm) : undefined;
        },
      });
      const nonce = nonceOf(digest.challenge(anyRequest, address, false, 0));
      const refusal = digest.verify(attempt(nonce, { username }), address, 1);
      expect(refusal).toMatchObject({ ok: false, stale: false, why: 'wrong-credentials' });
      expect(asked).toEqual([username]);
    }
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
  it('[DIG-20] [RFC8760 §2.4] answers the strongest challenge that it knows, and the server agrees', () => {
    for (const algorithms of [
      ['SHA-512-256', 'SHA-256', 'MD5'],
      ['MD5', 'SHA-256', 'SHA-512-256'],
      ['MD5', 'SHA-256'],
      ['MD5'],
    ] satisfies DigestAlgorithm[][]) {
      const digest = server({ algorithms: () => algorithms });
      const response = new SipResponse(401, 'Unauthorized');
      response.push(
        'WWW-Authenticate',
        'Digest realm="example.test", nonce="x", algorithm=SHA3-512, qop="auth"',
      );
      response.push('WWW-Authenticate', 'Basic realm="example.test"');
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
      const strongest = (['SHA-512-256', 'SHA-256', 'MD5'] as const).find((name) =>
        algorithms.includes(name),
      );
      expect(answer?.value).toContain(`algorithm=${strongest ?? ''},`);
      const request = new SipRequest('REGISTER', 'sip:example.test');
      request.push('Authorization', answer?.value ?? '');
      expect(digest.verify(request, address, 1).ok).toBe(true);
    }
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

describe('DigestClient', () => {
  const credentials = { username: 'alice', password };
  const register = { method: 'REGISTER', uri: 'sip:example.test' };

  function challenged(value: string, status = 401): SipResponse {
    const response = new SipResponse(status, 'Unauthorized');
    response.push(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate', value);
    return response;
  }

  /** A request with the credentials for it. */
  function signed(client: DigestClient): SipRequest {
    const request = new SipRequest('REGISTER', 'sip:example.test');
    for (const { name, value } of client.authorize(register, 'cn')) request.push(name, value);
    return request;
  }

  it('[DIG-22] sends credentials along with later requests under rising counts, and takes a new nonce when one is stale', () => {
    const digest = server();
    const client = new DigestClient(credentials);
    expect(client.authorize(register, 'cn')).toEqual([]);
    expect(client.takeChallenge(challenged(digest.challenge(anyRequest, address, false, 0)[0] ?? ''))).toBe(
      'retry',
    );
    for (let i = 1; i <= 3; i++) {
      const request = signed(client);
      expect(request.header('Authorization')).toContain(`nc=0000000${i}`);
      expect(digest.verify(request, address, 1).ok).toBe(true);
    }
    expect(digest.verify(signed(client), address, 20_000)).toMatchObject({ stale: true });
    const stale = digest.challenge(anyRequest, address, true, 20_000)[0] ?? '';
    expect(client.takeChallenge(challenged(stale))).toBe('retry');
    expect(digest.verify(signed(client), address, 20_001).ok).toBe(true);
  });

  it('[DIG-23] notices a wrong password, but not when the server merely forgot an old nonce without saying so', () => {
    const client = new DigestClient(credentials);
    const fresh = (nonce: string, extra = '') =>
      challenged(`Digest realm="example.test", nonce="${nonce}", qop="auth"${extra}`);
    expect(client.takeChallenge(fresh('n1'))).toBe('retry');
    signed(client);
    expect(client.takeChallenge(fresh('n2'))).toBe('refused');
    expect(client.takeChallenge(fresh('n3'))).toBe('retry');
    signed(client);
    signed(client);
    expect(client.takeChallenge(fresh('n4'))).toBe('retry');
    signed(client);
    expect(client.takeChallenge(fresh('n5', ', stale=true'))).toBe('retry');
    signed(client);
    expect(client.takeChallenge(fresh('n6', ', stale=true'))).toBe('refused');
    expect(client.takeChallenge(challenged('Digest realm="r", nonce="n", algorithm=unheard'))).toBe(
      'unsupported',
    );
  });

  it('[DIG-24] answers a proxy and the server behind it together', () => {
    const client = new DigestClient(credentials);
    expect(client.takeChallenge(challenged('Digest realm="p", nonce="1", qop="auth"', 407))).toBe('retry');
    signed(client);
    expect(client.takeChallenge(challenged('Digest realm="s", nonce="2", qop="auth"'))).toBe('retry');
    const request = signed(client);
    expect(request.header('Proxy-Authorization')).toContain('nc=00000002');
    expect(request.header('Authorization')).toContain('nc=00000001');
  });

  it('[DIG-25] [RFC7616 §3.5] goes on with the nonce that a 2xx names, and without qop uses each nonce once', () => {
    const client = new DigestClient(credentials);
    client.takeChallenge(challenged('Digest realm="s", nonce="1", qop="auth"'));
    signed(client);
    const success = new SipResponse(200, 'OK');
    success.push('Authentication-Info', 'nextnonce="2", qop=auth');
    client.takeSuccess(success);
    expect(signed(client).header('Authorization')).toMatch(/nonce="2".*nc=00000001/);
    const old = new DigestClient(credentials);
    old.takeChallenge(challenged('Digest realm="s", nonce="1"'));
    expect(signed(old).header('Authorization')).toContain('nonce="1"');
    expect(signed(old).header('Authorization')).toBeUndefined();
  });

  it('[DIG-26] computes auth-int where nothing else is offered', () => {
    const response = challenged('Digest realm="s", nonce="1", qop="auth-int"');
    const body = encodeUtf8('v=0');
    const value = answerChallenge(response, 'INVITE', 'sip:a@b', credentials, 'cn', body)?.value ?? '';
    const expected = computeResponse({
      algorithm: 'MD5',
      ha1: computeHa1('alice', 's', password, 'MD5'),
      method: 'INVITE',
      uri: 'sip:a@b',
      nonce: '1',
      qop: { value: 'auth-int', nonceCount: '00000001', cnonce: 'cn' },
      body,
    });
    expect(parseDigestHeader(value)?.get('response')).toBe(expected);
    const both = challenged('Digest realm="s", nonce="1", qop="auth-int,auth"');
    expect(answerChallenge(both, 'INVITE', 'sip:a@b', credentials, 'cn')?.value).toContain('qop=auth,');
  });
});
