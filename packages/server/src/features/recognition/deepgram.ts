import type { RecognitionFault } from '@crosspoint/contracts';
import type { Hearing } from '@crosspoint/core';
import type { RawData, WebSocket } from 'ws';
import {
  type RecognitionChoice,
  type RecognitionEvents,
  type RecognitionStream,
  soundRateHz,
} from './door.ts';

/** Opens a WebSocket to another computer; undefined for an address inside the house that nobody allowed. */
export type OpenSocket = (
  url: URL,
  headers: Record<string, string>,
  handshakeTimeoutMs: number,
) => WebSocket | undefined;

const usualAddress = 'wss://api.deepgram.com/v1';
const usualModel = 'nova-3';
const handshakeTimeoutMs = 4_000;
/** The service takes so many phrases as a hint. */
const hintsMax = 50;
/** Sound that waits for the connection, and sound that the connection has not taken yet. */
const waitingBytesMax = 1_000_000;
const detailMax = 300;

/** Where a service of this kind listens. */
export function deepgramUrl({ address, model }: RecognitionChoice, { language, phrases }: Hearing): URL {
  const url = new URL(`${(address === '' ? usualAddress : address).replace(/\/+$/, '')}/listen`);
  const wanted = model === '' ? usualModel : model;
  const fixed = { encoding: 'linear16', sample_rate: String(soundRateHz), channels: '1' };
  url.search = new URLSearchParams({ ...fixed, model: wanted, language, interim_results: 'true' }).toString();
  for (const phrase of phrases.slice(0, hintsMax)) url.searchParams.append(hintName(wanted), phrase);
  return url;
}

/** Newer models take whole phrases, older ones words. */
const hintName = (model: string): string => (model.startsWith('nova-3') ? 'keyterm' : 'keywords');

/** One utterance sent to Deepgram's live transcription, or to a server that speaks its language, as it is spoken. */
export function openDeepgram(
  open: OpenSocket,
  choice: RecognitionChoice,
  hearing: Hearing,
  events: RecognitionEvents,
): RecognitionStream {
  const stream = new DeepgramStream(events);
  const headers: Record<string, string> = choice.key === '' ? {} : { authorization: `Token ${choice.key}` };
  stream.connect(open(deepgramUrl(choice, hearing), headers, handshakeTimeoutMs));
  return stream;
}

class DeepgramStream implements RecognitionStream {
  readonly #events: RecognitionEvents;
  #socket: WebSocket | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isFinished = false;
  #isOver = false;
  readonly #texts: string[] = [];
  /** Of the final parts, and how many words each has. */
  #confidences: { confidence: number; words: number }[] = [];

  constructor(events: RecognitionEvents) {
    this.#events = events;
  }

  connect(socket: WebSocket | undefined): void {
    if (socket === undefined) return queueMicrotask(() => this.#fail('address-refused', ''));
    this.#socket = socket;
    socket.on('open', () => {
      for (const sound of this.#waiting.splice(0)) socket.send(sound);
      if (this.#isFinished) this.#close();
    });
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#received(data);
    });
    socket.on('unexpected-response', (request, response) => {
      const { statusCode = 0, headers } = response;
      this.#fail(faultOf(statusCode), `${statusCode} ${String(headers['dg-error'] ?? '')}`.trim());
      request.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isRefused = error.message === 'address-refused';
      const isLate = error.message.includes('timed out');
      const fault = isRefused ? 'address-refused' : isLate ? 'timeout' : 'no-connection';
      this.#fail(fault, isRefused ? '' : (error.code ?? error.message));
    });
    socket.on('close', (code, reason) => {
      if (this.#isOver) return;
      // The service closes when it has said everything.
      if (this.#isFinished && code === 1000) this.#complete();
      else this.#fail('no-connection', `closed with ${code} ${reason.toString('utf8')}`.trim());
    });
  }

  write(samples: Int16Array): void {
    const socket = this.#socket;
    if (this.#isFinished || this.#isOver || socket === undefined) return;
    const sound = Buffer.from(new Uint8Array(samples.slice().buffer));
    if (socket.readyState === socket.OPEN) {
      if (socket.bufferedAmount < waitingBytesMax) socket.send(sound);
    } else if (this.#waitingBytes + sound.length <= waitingBytesMax) {
      this.#waiting.push(sound);
      this.#waitingBytes += sound.length;
    }
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#socket?.readyState === this.#socket?.OPEN) this.#close();
  }

  cancel(): void {
    this.#isOver = true;
    this.#socket?.terminate();
  }

  /** It answers with what it has not said yet, and with its figures. */
  #close(): void {
    this.#socket?.send(JSON.stringify({ type: 'CloseStream' }));
  }

  #received(data: RawData): void {
    if (this.#isOver) return;
    const message = messageOf(data);
    if (message['type'] === 'Metadata' && this.#isFinished) return this.#complete();
    if (message['type'] === 'Error') {
      return this.#fail('request-refused', String(message['description'] ?? message['message'] ?? ''));
    }
    if (message['type'] !== 'Results') return;
    const { transcript, confidence } = bestOf(message);
    if (message['is_final'] !== true) {
      if (transcript !== '') this.#events.partial([...this.#texts, transcript].join(' '));
    } else if (transcript !== '') {
      this.#texts.push(transcript);
      this.#confidences.push({ confidence, words: transcript.split(/\s+/).length });
    }
  }

  #complete(): void {
    const words = this.#confidences.reduce((sum, part) => sum + part.words, 0);
    const sum = this.#confidences.reduce((total, part) => total + part.confidence * part.words, 0);
    this.#isOver = true;
    this.#socket?.terminate();
    this.#events.heard(this.#texts.join(' '), words === 0 ? 0 : Math.max(0, Math.min(1, sum / words)));
  }

  #fail(fault: RecognitionFault, detail: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket?.terminate();
    this.#events.failed(fault, detail.slice(0, detailMax));
  }
}

function faultOf(status: number): RecognitionFault {
  if (status === 401 || status === 403) return 'key-refused';
  if (status === 429) return 'limited';
  return status >= 500 ? 'unavailable' : 'request-refused';
}

/** What is no JSON says nothing. */
function messageOf(data: RawData): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(data))) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function bestOf(message: Record<string, unknown>): { transcript: string; confidence: number } {
  const { alternatives } = Object(message['channel']) as { alternatives?: unknown };
  const [first] = Array.isArray(alternatives) ? (alternatives as unknown[]) : [];
  const { transcript, confidence } = Object(first) as { transcript?: unknown; confidence?: unknown };
  return {
    transcript: typeof transcript === 'string' ? transcript.trim() : '',
    confidence: typeof confidence === 'number' ? confidence : 0,
  };
}
