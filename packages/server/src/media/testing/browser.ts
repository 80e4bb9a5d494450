import { type PeerConnection, Audio, PeerConnection as Connection, type Track } from 'node-datachannel';
import {
  amplitudeOf,
  encodeToUlaw,
  isRtcp,
  rtpPayloadType,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
  ulawToLinear,
  writeRtpHeader,
} from '@crosspoint/media';
import type { DtlsParameters } from '../protocol.ts';
import type { PhonePacket } from './phone.ts';

/** Only what never comes takes so long; what comes late on a busy machine has come. */
const patienceMs = 60_000;

/** The media of a browser for tests: one WebRTC connection that speaks G.711 µ-law and remembers what it hears. */
export class TestBrowser {
  readonly packets: PhonePacket[] = [];
  reportCount = 0;
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #ssrc: number;
  #sequence = 65_500;
  #timestamp = 0xffff_ff00;
  #timer: NodeJS.Timeout | undefined;
  #waiting = new Set<() => void>();

  /** Connects to the leg that offered these parameters; it opens the DTLS connection, as browsers do. */
  constructor(ssrc: number, leg: DtlsParameters) {
    this.#ssrc = ssrc;
    this.#connection = new Connection(`browser ${ssrc}`, {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
      forceMediaTransport: true,
    });
    const audio = new Audio('0', 'SendRecv');
    audio.addAudioCodec(0, 'PCMU/8000');
    audio.addSSRC(ssrc, 'browser');
    this.#track = this.#connection.addTrack(audio);
    this.#track.onMessage((bytes) => this.#received(bytes));
    this.#track.onOpen(() => this.#look());
    const lines = [
      'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux',
      `a=rtpmap:0 PCMU/8000\r\na=ice-ufrag:${leg.iceUfrag}\r\na=ice-pwd:${leg.icePwd}\r\na=setup:actpass`,
      `a=fingerprint:${leg.fingerprint.algorithm} ${leg.fingerprint.value}`,
      ...leg.candidates.map((candidate) => `a=candidate:${candidate}`),
    ];
    this.#connection.setRemoteDescription(`${lines.join('\r\n')}\r\n`, 'offer');
    this.#connection.setLocalDescription('answer');
  }

  get isConnected(): boolean {
    return this.#track.isOpen();
  }

  /** Its ICE and DTLS parameters, once its candidates are known. */
  async parameters(): Promise<DtlsParameters> {
    await this.until('candidates', () => this.#connection.gatheringState() === 'complete');
    const sdp = this.#connection.localDescription()?.sdp ?? '';
    const value = (name: string): string => new RegExp(`a=${name}:(.*?)\\r?\\n`).exec(sdp)?.[1] ?? '';
    const [algorithm = '', fingerprint = ''] = value('fingerprint').split(' ');
    return {
      fingerprint: { algorithm, value: fingerprint },
      iceUfrag: value('ice-ufrag'),
      icePwd: value('ice-pwd'),
      candidates: [value('candidate')],
    };
  }

  speak(frequencyHz: number, levelDbm0 = -10): void {
    clearInterval(this.#timer);
    const amplitude = amplitudeOf(levelDbm0);
    const startedAtMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      while (performance.now() >= startedAtMs + sent * 20) {
        const samples = Int16Array.from({ length: 160 }, (_, i) =>
          Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * (sent * 160 + i)) / 8000)),
        );
        this.send(0, encodeToUlaw(samples), this.#timestamp);
        this.#timestamp = (this.#timestamp + 160) >>> 0;
        sent++;
      }
    }, 5);
  }

  send(payloadType: number, payload: Uint8Array, timestamp: number, marker = false): void {
    if (!this.#track.isOpen()) return;
    const bytes = Buffer.alloc(12 + payload.length);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    writeRtpHeader(bytes, 0, marker, payloadType, this.#sequence, timestamp, this.#ssrc);
    bytes.set(payload, 12);
    this.#track.sendMessageBinary(bytes);
  }

  until(what: string, condition: () => boolean, timeoutMs = patienceMs): Promise<void> {
    return new Promise((resolve, reject) => {
      const poll = setInterval(() => check(), 10);
      const timer = setTimeout(() => {
        clearInterval(poll);
        this.#waiting.delete(check);
        reject(new Error(`${what}: not within ${timeoutMs} ms; ${this.packets.length} packets heard`));
      }, timeoutMs);
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  hears(count: number): Promise<void> {
    const target = this.packets.length + count;
    return this.until(`${count} packets`, () => this.packets.length >= target);
  }

  lastSamples(packetCount: number): Int16Array {
    const samples = this.packets
      .filter(({ payloadType }) => payloadType === 0)
      .slice(-packetCount)
      .map(({ payload }) => Array.from(payload, (byte) => ulawToLinear[byte] as number));
    return Int16Array.from(samples.flat());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#connection.close();
  }

  #received(bytes: Buffer): void {
    if (isRtcp(bytes, bytes.length)) {
      this.reportCount++;
    } else {
      this.packets.push({
        payloadType: rtpPayloadType(bytes),
        marker: bytes[1] !== undefined && bytes[1] >= 0x80,
        sequence: rtpSequence(bytes),
        timestamp: rtpTimestamp(bytes),
        ssrc: rtpSsrc(bytes),
        payload: Uint8Array.from(bytes.subarray(12)),
        atMs: performance.now(),
      });
    }
    this.#look();
  }

  #look(): void {
    for (const check of [...this.#waiting]) check();
  }
}
