import { lines, odd, sdpType, type TortureMessage } from './types.ts';

const ipv6Description = lines(
  'v=0',
  'o=- 971731711378798081 0 IN IP6 2001:db8::20',
  's=-',
  'c=IN IP6 2001:db8::20',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
  '',
);

const via = (value: string): Record<string, string> => ({ Via: `${value};branch=z9hG4bKv6` });

/** RFC 5118 §4. */
export const ipv6Messages: TortureMessage[] = [
  {
    name: 'ipv6-good',
    section: '4.1',
    what: 'references in the Request-URI, Via and Contact',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'REGISTER sip:[2001:db8::10] SIP/2.0',
      change: { ...via('SIP/2.0/UDP [2001:db8::9:1]'), Contact: '<sip:caller@[2001:db8::1]>' },
    }),
  },
  {
    name: 'ipv6-bad',
    section: '4.2',
    what: 'an address without brackets in the Request-URI',
    parse: 'accepted',
    answer: 400,
    text: odd({ start: 'REGISTER sip:2001:db8::10 SIP/2.0', change: via('SIP/2.0/UDP [2001:db8::9:1]') }),
  },
  {
    name: 'port-ambiguous',
    section: '4.3',
    what: 'what was meant as a port stands inside the brackets and is part of the address',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'REGISTER sip:[2001:db8::10:5070] SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::9:1]'),
    }),
  },
  {
    name: 'port-unambiguous',
    section: '4.4',
    what: 'a port after the brackets',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'REGISTER sip:[2001:db8::10]:5070 SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::9:1]'),
    }),
  },
  {
    name: 'via-received-param-with-delim',
    section: '4.5',
    what: 'brackets around the address of received',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'OPTIONS sip:[2001:db8::10] SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]'),
    }),
  },
  {
    name: 'via-received-param-no-delim',
    section: '4.5',
    what: 'no brackets around the address of received',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'OPTIONS sip:[2001:db8::10] SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255'),
    }),
  },
  {
    name: 'ipv6-in-sdp',
    section: '4.6',
    what: 'IPv6 in the session description, without brackets there',
    parse: 'accepted',
    answer: 100,
    text: odd({
      start: 'INVITE sip:user@[2001:db8::10] SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::20]'),
      extra: [sdpType],
      body: ipv6Description,
    }),
  },
  {
    name: 'mult-ip-in-header',
    section: '4.7',
    what: 'both families in Via and Contact',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'OPTIONS sip:user@host.example.net SIP/2.0',
      change: { ...via('SIP/2.0/UDP [2001:db8::9:1]:6050'), Contact: '"Caller" <sip:caller@[2001:db8::1]>' },
      extra: [
        'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144',
        'Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200',
      ],
    }),
  },
  {
    name: 'mult-ip-in-sdp',
    section: '4.8',
    what: 'one stream per family in the session description',
    parse: 'accepted',
    answer: 100,
    text: odd({
      start: 'INVITE sip:user@[2001:db8::10] SIP/2.0',
      change: via('SIP/2.0/UDP [2001:db8::9:1]'),
      extra: [sdpType],
      body: ipv6Description
        .replace('c=IN IP6 2001:db8::20\r\n', '')
        .concat(
          lines(
            'c=IN IP6 2001:db8::1',
            'm=video 6024 RTP/AVP 107',
            'c=IN IP4 192.0.2.1',
            'a=rtpmap:107 H263-1998/90000',
            '',
          ),
        ),
    }),
  },
  {
    name: 'ipv4-mapped-ipv6',
    section: '4.9',
    what: 'IPv4 addresses mapped into IPv6',
    parse: 'accepted',
    answer: 100,
    text: odd({
      start: 'INVITE sip:user@example.com SIP/2.0',
      change: {
        ...via('SIP/2.0/UDP [::ffff:192.0.2.2]:5060'),
        Contact: '"T. desk" <sip:caller@[::ffff:192.0.2.2]>',
      },
      extra: [sdpType],
      body: ipv6Description.replaceAll('2001:db8::20', '::ffff:192.0.2.2'),
    }),
  },
  {
    name: 'ipv6-bug-abnf-3-colons',
    section: '4.10',
    what: 'three colons before an embedded IPv4 address, as the first grammar demanded',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0',
      change: { To: 'sip:user@[2001:db8:::192.0.2.1]' },
    }),
  },
  {
    name: 'ipv6-correct-abnf-2-colons',
    section: '4.10',
    what: 'two colons before an embedded IPv4 address, as the corrected grammar says',
    parse: 'accepted',
    answer: 200,
    text: odd({
      start: 'OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0',
      change: { To: 'sip:user@[2001:db8::192.0.2.1]' },
    }),
  },
];
