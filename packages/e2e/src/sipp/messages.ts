/**
 * The building blocks of sipp scenarios: each function returns the XML of one step. sipp replaces what stands in
 * square brackets.
 */
export type SdpDirection = 'sendrecv' | 'sendonly' | 'inactive';

const caller =
  '"Caller [call_number]" <sip:sipp[call_number]@[local_ip]:[local_port]>;tag=[pid]c[call_number]';
const callee = '<sip:[service]@[remote_ip]:[remote_port]>';

function sdp(
  direction: SdpDirection,
  version = 1,
  mediaPort: number | '[media_port]' = '[media_port]',
): string[] {
  return [
    'v=0',
    `o=sipp 1 ${version} IN IP[local_ip_type] [local_ip]`,
    's=-',
    'c=IN IP[media_ip_type] [media_ip]',
    't=0 0',
    `m=audio ${mediaPort} RTP/AVP 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    `a=${direction}`,
  ];
}

function send(attributes: string, head: readonly string[], body: readonly string[] = []): string {
  const type =
    body.length > 0 ? [`Content-Type: application/${body[0] === 'v=0' ? 'sdp' : 'dtmf-relay'}`] : [];
  const lines = [...head, ...type, 'Content-Length: [len]', '', ...body];
  return `<send${attributes}><![CDATA[\n${lines.join('\n')}\n\n]]></send>`;
}

/** A request of the caller inside or outside its dialog; `inDialog` uses the remote target and route set. */
function callerRequest(
  method: string,
  sequence: number,
  inDialog: boolean,
  body: readonly string[] = [],
): string {
  const head = [
    `${method} ${inDialog ? '[next_url]' : 'sip:[service]@[remote_ip]:[remote_port]'} SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]',
    ...(inDialog ? ['[routes]'] : []),
    'Max-Forwards: 70',
    `From: ${caller}`,
    `To: ${callee}${inDialog ? '[peer_tag_param]' : ''}`,
    'Call-ID: [call_id]',
    `CSeq: ${sequence} ${method}`,
    'Contact: <sip:sipp[call_number]@[local_ip]:[local_port]>',
  ];
  return send(method === 'ACK' ? '' : ' retrans="500"', head, body);
}

/** @param mediaPort where somebody else hears and speaks for sipp */
export const invite = (mediaPort?: number): string =>
  callerRequest('INVITE', 1, false, sdp('sendrecv', 1, mediaPort));
/** An INVITE without an offer: the callee offers in its 200, and the answer goes into the ACK (RFC 3264 §5). */
export const inviteWithoutOffer = (): string => callerRequest('INVITE', 1, false);
export const reinvite = (direction: SdpDirection, sequence: number): string =>
  callerRequest('INVITE', sequence, true, sdp(direction, sequence));
export const ack = (sequence: number): string => callerRequest('ACK', sequence, true);
export const ackWithAnswer = (sequence: number): string =>
  callerRequest('ACK', sequence, true, sdp('sendrecv'));
/** A key by RFC 2976, as most phones write it. */
export const infoKey = (sequence: number, key: string): string =>
  callerRequest('INFO', sequence, true, [`Signal=${key}`, 'Duration=160']);
export const bye = (sequence: number): string => callerRequest('BYE', sequence, true);

export type SippCredentials = { username: string; password: string };

/** sipp reads this keyword up to the first space or bracket of each value. */
function authentication({ username, password }: SippCredentials): string {
  return `[authentication username=${username} password=${password}]`;
}

/** A REGISTER for the port it is sent from; `credentials` answer the challenge before it. */
export function register(sequence: number, credentials?: SippCredentials): string {
  return send(' retrans="500"', [
    'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0',
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]',
    'Max-Forwards: 70',
    `From: ${callee};tag=[pid]r[call_number]`,
    `To: ${callee}`,
    'Call-ID: [call_id]',
    `CSeq: ${sequence} REGISTER`,
    `Contact: <sip:[service]@[local_ip]:[local_port]>`,
    'Expires: 300',
    ...(credentials === undefined ? [] : [authentication(credentials)]),
  ]);
}

/** A response of the callee to the request received last. */
export function respond(status: number, reason: string, withAnswer = false): string {
  const head = [
    `SIP/2.0 ${status} ${reason}`,
    '[last_Via:]',
    '[last_Record-Route:]',
    '[last_From:]',
    `[last_To:]${status > 100 ? ';tag=[pid]a[call_number]' : ''}`,
    '[last_Call-ID:]',
    '[last_CSeq:]',
    'Contact: <sip:[local_ip]:[local_port]>',
  ];
  return send(status >= 200 ? ' retrans="500"' : '', head, withAnswer ? sdp('sendrecv') : []);
}

/** Answers each description that comes anew, until it is hung up. */
export const staysThroughReinvites = (): string =>
  [
    '<label id="1"/>',
    '<recv request="INVITE" optional="true" next="2"/>',
    '<recv request="BYE" next="3"/>',
    '<label id="2"/>',
    respondInDialog(sdp('sendrecv')),
    '<recv request="ACK" next="1"/>',
    '<label id="3"/>',
    respondInDialog(),
  ].join('\n');

/** A response with these headers, as a registrar or a proxy that challenges gives it. */
export function respondWithHeaders(status: number, reason: string, headers: readonly string[]): string {
  return send('', [
    `SIP/2.0 ${status} ${reason}`,
    '[last_Via:]',
    '[last_From:]',
    '[last_To:];tag=[pid]r[call_number]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    ...headers,
  ]);
}

/** The 200 to a request inside a dialog, whose To carries its tag already. */
export function respondInDialog(body: readonly string[] = []): string {
  const head = [
    'SIP/2.0 200 OK',
    '[last_Via:]',
    '[last_From:]',
    '[last_To:]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    ...(body.length === 0 ? [] : ['Contact: <sip:[local_ip]:[local_port]>']),
  ];
  return send('', head, body);
}

/** The 487 to an INVITE whose CANCEL was received last: the same branch and number, another method. */
export function respondCancelled(): string {
  const head = [
    'SIP/2.0 487 Request Terminated',
    '[last_Via:]',
    '[last_From:]',
    '[last_To:];tag=[pid]a[call_number]',
    '[last_Call-ID:]',
    'CSeq: [last_cseq_number] INVITE',
  ];
  return send(' retrans="500"', head);
}

export const receive = (method: string): string => `<recv request="${method}"/>`;
export const provisional = (): string =>
  [100, 180, 183].map((status) => `<recv response="${status}" optional="true"/>`).join('\n');
export const receiveStatus = (status: number): string => `<recv response="${status}"/>`;
/** The 200 to an INVITE, whose Contact and Record-Route direct what follows. */
export const receiveAnswer = (): string => '<recv response="200" rrs="true"/>';
export const receiveChallenge = (): string => '<recv response="401" auth="true"/>';
/** Waits for the time given on the command line (`-d`). */
export const pause = (): string => '<pause/>';

export function scenario(name: string, ...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
}
