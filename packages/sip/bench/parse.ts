// Prints microseconds per parsed and per written message of a typical INVITE with SDP. Argument: number of batches.
import { encodeUtf8, parseMessage, writeMessage } from '../src/message/index.ts';

const sdp =
  'v=0\r\no=alice 53655765 2353687637 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n' +
  'm=audio 49172 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n' +
  'a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n';
const invite = encodeUtf8(
  'INVITE sip:700@192.0.2.1:5060 SIP/2.0\r\n' +
    'Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKPj1f4c2a9b0d\r\n' +
    'Max-Forwards: 70\r\n' +
    'From: "Alice Example" <sip:alice@192.0.2.1>;tag=9fxced76sl\r\n' +
    'To: <sip:700@192.0.2.1>\r\n' +
    'Call-ID: 3848276298220188511@192.0.2.10\r\n' +
    'CSeq: 21 INVITE\r\n' +
    'Contact: <sip:alice@192.0.2.10:5060;transport=udp>\r\n' +
    'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE\r\n' +
    'Supported: replaces, timer\r\n' +
    'User-Agent: Example Phone 4.2\r\n' +
    'Content-Type: application/sdp\r\n' +
    `Content-Length: ${sdp.length}\r\n\r\n${sdp}`,
);

const batch = 2_000;

/** The fastest batch counts: on a busy machine the others measure the neighbours. */
function measure(name: string, batches: number, run: () => number): void {
  let sink = 0;
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < batches; i++) {
    const started = performance.now();
    for (let j = 0; j < batch; j++) sink += run();
    fastestMs = Math.min(fastestMs, performance.now() - started);
  }
  const microseconds = (fastestMs * 1000) / batch;
  console.log(`${name.padEnd(18)} ${microseconds.toFixed(2)} µs${sink === 0 ? ' (nothing done)' : ''}`);
}

const parsed = parseMessage(invite);
if (!parsed.ok) throw new Error(parsed.reason);
const rounds = Number(process.argv[2] ?? 150);
measure('parse', rounds, () => (parseMessage(invite).ok ? 1 : 0));
measure('write', rounds, () => writeMessage(parsed.message).length);
measure('parse and write', rounds, () => {
  const result = parseMessage(invite);
  return result.ok ? writeMessage(result.message).length : 0;
});
