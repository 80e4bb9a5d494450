import { describe, expect, it } from 'vitest';
import { parseSdp } from '../../src/sdp/index.ts';
import { encodeUtf8, parseMessage, type SipRequest, type SipResponse } from '../../src/index.ts';
import { createResponse, parseVia, writeMessage } from '../../src/message/index.ts';
import { headerOf, Wire } from '../wire.ts';
import { invalidMessages } from './invalid.ts';
import { ipv6Messages } from './ipv6.ts';
import { semanticMessages } from './semantics.ts';
import type { TortureMessage } from './types.ts';
import { validMessages } from './valid.ts';

const rfc4475 = [...validMessages, ...invalidMessages, ...semanticMessages];

function judge(message: TortureMessage): void {
  const parsed = parseMessage(encodeUtf8(message.text));
  expect(parsed.ok ? 'accepted' : parsed.status).toBe(message.parse);
  const wire = new Wire({ requireAuthentication: () => message.authenticates === true });
  const [first] = wire.receive(message.text);
  expect(first === undefined ? 'none' : Number(first.slice(8, 11))).toBe(message.answer);
  // Nothing of it stays longer than a call may ring.
  wire.pass(700_000);
  expect(wire.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0, serverTransactions: 0 });
}

/** The message of that name as the parser reads it. */
function read(name: string): SipRequest | SipResponse {
  const { text } = find(name);
  const result = parseMessage(encodeUtf8(text));
  if (!result.ok) throw new Error(`${name}: ${result.reason}`);
  return result.message;
}

function find(name: string): TortureMessage {
  const found = [...rfc4475, ...ipv6Messages].find((message) => message.name === name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
}

function asRequest(message: SipRequest | SipResponse): SipRequest {
  if (message.kind !== 'request') throw new Error('a response');
  return message;
}

describe('the verdict of the RFC', () => {
  it('[RFC4475] covers all 49 messages once', () => {
    expect(new Set(rfc4475.map((message) => message.name)).size).toBe(49);
    expect(rfc4475).toHaveLength(49);
  });

  for (const message of rfc4475) {
    it(`[RFC4475 §${message.section}] ${message.name}: ${message.what}`, () => judge(message));
  }

  for (const message of ipv6Messages) {
    it(`[RFC5118 §${message.section}] ${message.name}: ${message.what}`, () => judge(message));
  }

  it('[RFC4475] what is accepted is written again so that it reads the same', () => {
    for (const { name, parse } of [...rfc4475, ...ipv6Messages]) {
      if (parse !== 'accepted') continue;
      const bytes = writeMessage(read(name));
      const again = parseMessage(bytes);
      expect(again.ok && writeMessage(again.message)).toEqual(bytes);
    }
  });
});

describe('what is read from the strange ones', () => {
  it('[RFC4475 §3.1.1.1] wsinv gives every value without its white space', () => {
    const message = read('wsinv');
    expect([message.fromTag, message.sequence, message.viaCount]).toEqual(['98asjd8', 9, 3]);
    expect(message.from.displayName).toBe('J Caller \\"');
    expect(message.to.parameters.get('day')).toBe('tuesday');
    expect(message.header('BrandNewHeader')).toBe('new value continued new value');
    expect(message.headerValues('Contact')).toHaveLength(1);
  });

  it('[RFC4475 §3.1.1.2] intmeth keeps method, user and password apart', () => {
    const message = asRequest(read('intmeth'));
    expect(message.method).toBe("!odd-Method0123456789_*+`.%indeed'~");
    expect(message.uri).toMatchObject({
      user: "1_odd.User~(to-be!sure)&isn't+it$/mad?,/;;*",
      password: "&it+has=1,wild!*pas$wo~d_too.(doesn't-it)",
      host: 'example.com',
    });
    expect(message.fromTag).toBe("_token~1'+`*%!-.");
  });

  it('[RFC4475 §3.1.1.3] esc01 unescapes each part once, after it was cut out', () => {
    const message = asRequest(read('esc01'));
    expect(message.uri).toMatchObject({ user: 'sips:user@example.com', host: 'example.net' });
    expect([message.to.uri?.user, message.from.uri?.user]).toEqual(['user', 'I have spaces']);
  });

  it('[RFC4475 §3.1.1.4] escnull makes two bindings', () => {
    const wire = new Wire();
    wire.receive(find('escnull').text);
    expect(wire.last.match(/^Contact: <sip:(%00)+@/gm)).toHaveLength(2);
  });

  it('[RFC4475 §3.1.1.5] esc02 is no REGISTER and its %43ontact no Contact', () => {
    const message = asRequest(read('esc02'));
    expect(message.method).toBe('RE%47IST%45R');
    expect(message.headerValues('Contact')).toEqual(['<sip:caller@192.0.2.31>']);
    expect(message.to.displayName).toBe('%Z%45');
  });

  it('[RFC4475 §3.1.1.8] dblreq makes one transaction', () => {
    const wire = new Wire();
    expect(wire.receive(find('dblreq').text)).toHaveLength(1);
    expect(wire.of('invite')).toEqual([]);
  });

  it('[RFC4475 §3.1.1.9] semiuri has its semicolon in the user part', () => {
    expect(asRequest(read('semiuri')).uri?.user).toBe('user;par=u@example.net');
  });

  it('[RFC4475 §3.1.1.12, §3.1.1.13] reason phrases may be anything or nothing', () => {
    const [unusual, empty] = [read('unreason'), read('noreason')];
    expect(unusual.kind === 'response' && unusual.reason).toContain('двести');
    expect(empty.kind === 'response' && [empty.status, empty.reason]).toEqual([100, '']);
  });

  it('[RFC4475 §3.1.2.11] escruri: no Route comes out of the Request-URI', () => {
    const message = asRequest(read('escruri'));
    expect(message.header('Route')).toBeUndefined();
    expect(message.uri?.headers).toBe('Route=%3Csip:example.com%3E');
  });

  it('[RFC4475 §3.3.5] bext01 names what is not supported, without what was asked of proxies', () => {
    const wire = new Wire();
    wire.receive(find('bext01').text);
    expect(headerOf(wire.last, 'Unsupported')).toBe('nothingSupportsThis, norThis');
  });

  it('[RFC4475 §3.3.12, §3.3.13] cparam01 and cparam02: the flag belongs to the header, or to the URI', () => {
    const bindingOf = (name: string): string => {
      const wire = new Wire();
      wire.receive(find(name).text);
      return headerOf(wire.last, 'Contact');
    };
    expect(bindingOf('cparam01')).toContain('<sip:+19725552222@gw1.example.net>');
    expect(bindingOf('cparam02')).toContain('<sip:+19725552222@gw1.example.net;unknownparam>');
    expect(bindingOf('regescrt')).toContain('<sip:user@example.com?Route=%3Csip:sip.example.com%3E>');
  });

  it('[RFC4475 §3.1.2] every refusal that could be answered carries the headers of its request', () => {
    for (const { name, text, parse } of invalidMessages) {
      const result = parseMessage(encodeUtf8(text));
      if (parse === 'accepted' || result.ok || result.request === undefined) continue;
      const response = createResponse(result.request, result.status, result.reason, 'tag');
      expect([name, response.header('Via') !== undefined]).toEqual([name, true]);
    }
  });
});

describe('IPv6', () => {
  it('[RFC5118 §4.3, §4.4] a port counts only behind the brackets', () => {
    expect(asRequest(read('port-ambiguous')).uri).toMatchObject({
      host: '2001:db8::10:5070',
      port: undefined,
    });
    expect(asRequest(read('port-unambiguous')).uri).toMatchObject({ host: '2001:db8::10', port: 5070 });
  });

  it('[RFC5118 §4.5] received is read with and without brackets', () => {
    const values = ['via-received-param-with-delim', 'via-received-param-no-delim'].map((name) =>
      read(name).via?.parameters.get('received'),
    );
    expect(values).toEqual(['[2001:db8::9:255]', '2001:db8::9:255']);
  });

  it('[RFC5118 §4.7] each Via keeps its own family', () => {
    const hosts = read('mult-ip-in-header')
      .headerValues('Via')
      .map((value) => parseVia(value)?.via.host);
    expect(hosts).toEqual(['2001:db8::9:1', '192.0.2.1', '2001:db8::9:255']);
  });

  it('[RFC5118 §4.6, §4.8, §4.9] the descriptions give each stream its address', () => {
    const addresses = ['ipv6-in-sdp', 'mult-ip-in-sdp', 'ipv4-mapped-ipv6'].map((name) => {
      const result = parseSdp(read(name).body);
      if (!result.ok) throw new Error(`${name}: ${result.reason}`);
      return result.sdp.media.map((media) => (media.connection ?? result.sdp.connection)?.address);
    });
    expect(addresses).toEqual([['2001:db8::20'], ['2001:db8::1', '192.0.2.1'], ['::ffff:192.0.2.2']]);
  });
});
