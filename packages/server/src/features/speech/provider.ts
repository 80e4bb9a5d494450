import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type HostTrust,
  type SendRequest,
  type SpeechChoice,
  SpeechProviderError,
  type SpokenText,
} from './door.ts';
import { PromptSoundError, requireWhole } from '../sound-files/index.ts';
import { protocols } from './protocols.ts';

/** Of each attempt, the whole answer included. */
const attemptTimeoutMs = 6_000;
const retriesMax = 1;
const firstPauseMs = 250;
const pauseMaxMs = 2_000;
const answerBytesMax = 10_000_000;
const detailMax = 300;

export interface ProviderDoor {
  send: SendRequest;
  trust: HostTrust;
  /** Waits before another attempt; tests do not. */
  wait?: (ms: number) => Promise<unknown>;
}

/**
 * Lets a service speak. What may pass by itself (429, 5xx, no connection) is tried again with growing pauses; a host
 * that keeps failing is left alone for a while.
 * @throws {SpeechProviderError}
 */
export async function speakByProvider(
  door: ProviderDoor,
  choice: SpeechChoice,
  spoken: SpokenText,
): Promise<Buffer> {
  if (choice.provider === 'offline') throw new TypeError('The offline engine is no service.');
  const protocol = protocols[choice.provider];
  const request = protocol.request(choice, { pacePercent: 100, ...spoken });
  if (!URL.canParse(request.url)) throw new SpeechProviderError('request-refused', 'no such address');
  const { host } = new URL(request.url);
  let last: SpeechProviderError | undefined;
  for (let attempt = 0; ; attempt++) {
    if (!door.trust.mayAsk(host)) throw last ?? new SpeechProviderError('paused', host);
    try {
      const sound = protocol.soundOf(await ask(door.send, request));
      requireWhole(sound);
      door.trust.succeeded(host);
      return sound;
    } catch (error) {
      const failure = failureOf(error);
      last = failure;
      if (isPassing(failure)) {
        door.trust.failed(host);
      } else {
        // It answers, although not with what was wanted.
        door.trust.succeeded(host);
      }
      // Whoever waits has waited long after a time-out.
      if (!isPassing(failure) || failure.fault === 'timeout' || attempt >= retriesMax) throw failure;
      const pauseMs = Math.min(pauseMaxMs, Math.max(failure.retryAfterMs, firstPauseMs * 2 ** attempt));
      await (door.wait ?? pause)(pauseMs);
    }
  }
}

const passing = ['limited', 'unavailable', 'timeout', 'no-connection'];
const isPassing = ({ fault }: SpeechProviderError): boolean => passing.includes(fault);

async function ask(
  send: SendRequest,
  { url, headers, body }: { url: string; headers: Record<string, string>; body: string },
): Promise<Buffer> {
  const signal = AbortSignal.timeout(attemptTimeoutMs);
  try {
    const response = await send(new URL(url), { method: 'POST', headers, body }, signal);
    const { statusCode: status = 0 } = response;
    const answer = await bodyOf(response);
    if (status >= 200 && status <= 299) return answer;
    throw refusalOf(status, response.headers['retry-after'], answer);
  } catch (error) {
    // What the time-out tears down reports itself in many ways.
    if (signal.aborted) throw new SpeechProviderError('timeout', `${attemptTimeoutMs / 1_000} s`);
    throw error;
  }
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) {
      response.destroy();
      throw new SpeechProviderError('no-sound', 'the answer is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalOf(status: number, retryAfter: string | undefined, answer: Buffer): SpeechProviderError {
  const detail = `${status} ${answer.toString('utf8').replace(/\s+/g, ' ').trim()}`.slice(0, detailMax);
  const seconds = Number(retryAfter);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
  if (status === 401 || status === 403) return new SpeechProviderError('key-refused', detail);
  if (status === 429) return new SpeechProviderError('limited', detail, retryAfterMs);
  if (status >= 500) return new SpeechProviderError('unavailable', detail, retryAfterMs);
  return new SpeechProviderError('request-refused', detail);
}

function failureOf(error: unknown): SpeechProviderError {
  if (error instanceof SpeechProviderError) return error;
  if (error instanceof PromptSoundError) return new SpeechProviderError('no-sound', error.message);
  if (!(error instanceof Error)) throw error;
  if (error.message === 'address-refused') return new SpeechProviderError('address-refused');
  const { code } = error as NodeJS.ErrnoException;
  return new SpeechProviderError('no-connection', code ?? error.message.slice(0, detailMax));
}
