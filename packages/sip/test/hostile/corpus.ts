import { write } from '../wire.ts';
import { invalidMessages } from '../torture/invalid.ts';
import { ipv6Messages } from '../torture/ipv6.ts';
import { semanticMessages } from '../torture/semantics.ts';
import { validMessages } from '../torture/valid.ts';

const offer = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.9',
  's=-',
  'c=IN IP4 192.0.2.9',
  't=0 0',
  'm=audio 4000 RTP/SAVP 0 8 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
  '',
].join('\r\n');

const parts = `--x\r\nContent-Type: application/sdp\r\n\r\n${offer}\r\n--x\r\nContent-Type: text/plain\r\n\r\nx\r\n--x--\r\n`;

/** What phones and trunks send all day, beside the messages of RFC 4475 and RFC 5118. */
export const corpus: readonly string[] = [
  ...[...validMessages, ...invalidMessages, ...semanticMessages, ...ipv6Messages].map(({ text }) => text),
  write({
    body: offer,
    headers: ['Supported: timer, 100rel, replaces', 'Session-Expires: 1800', 'Allow: UPDATE, INFO'],
  }),
  write({
    body: offer,
    headers: ['Require: 100rel', 'P-Asserted-Identity: <tel:+420555000111>', 'Privacy: id'],
  }),
  write({ body: parts, headers: ['Content-Type: multipart/mixed;boundary=x'] }).replace(
    'Content-Type: application/sdp\r\nC',
    'C',
  ),
  write({ headers: ['Replaces: call-1;to-tag=a;from-tag=b', 'Diversion: <sip:1@a>;reason=no-answer'] }),
  write({ method: 'REGISTER', uri: 'sip:example.test', to: '<sip:alice@example.test>' }),
  write({
    method: 'REGISTER',
    uri: 'sip:example.test',
    to: '<sip:alice@example.test>',
    headers: [
      'Supported: path, outbound',
      'Contact: <sip:alice@192.0.2.9>;+sip.instance="<urn:uuid:1>";reg-id=1;expires=600',
      'Authorization: Digest username="alice", realm="example.test", nonce="0", uri="sip:example.test", response="0", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"',
    ],
  }),
  write({ method: 'OPTIONS', headers: ['Accept: application/sdp'] }),
  write({
    method: 'SUBSCRIBE',
    headers: ['Event: dialog', 'Expires: 600', 'Accept: application/dialog-info+xml'],
  }),
  write({
    method: 'NOTIFY',
    headers: ['Event: message-summary', 'Subscription-State: active;expires=60'],
    body: 'Messages-Waiting: yes\r\n',
  }),
  write({
    method: 'REFER',
    headers: [
      'Refer-To: <sip:701@example.test?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>',
      'Referred-By: <sip:bob@x>',
    ],
  }),
  write({ method: 'MESSAGE', body: 'hello', headers: ['Content-Type: text/plain'] }),
  write({ method: 'PUBLISH', headers: ['Event: presence'] }),
  '\r\n\r\n',
  '\u0000\u0001\u0000\u0000!\u0012\u0000\u0000',
];
