import type { IncomingMessage } from 'node:http';
import type { PromptLanguage, SpeechFault, SpeechSettingsInput } from '@crosspoint/contracts';
import type { z } from 'zod';

export interface SpokenText {
  text: string;
  language: PromptLanguage;
  /** Of the voice, 50 to 200 percent of its usual pace; 100 when it is left out. */
  pacePercent?: number;
}

/** The engine is missing or failed; `message` says what to do. */
export class SpeechError extends Error {}

/** A service, and what it is to be asked with. */
export type SpeechChoice = Omit<z.output<typeof SpeechSettingsInput>, 'key'> & { key: string };

/** A service did not speak. */
export class SpeechProviderError extends Error {
  readonly fault: SpeechFault;
  /** What the service said about it, at most some hundred characters. */
  readonly detail: string;
  /** When the service wants to be asked again, in milliseconds; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor(fault: SpeechFault, detail = '', retryAfterMs = 0) {
    super(detail === '' ? fault : `${fault}: ${detail}`);
    this.fault = fault;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How a service is asked, and what of its answer is the sound. */
export interface SpeechProtocol {
  request(
    choice: SpeechChoice,
    spoken: Required<SpokenText>,
  ): { url: string; headers: Record<string, string>; body: string };
  /** WAV, MP3 or Ogg. @throws {SpeechProviderError} `no-sound`. */
  soundOf(answer: Buffer): Buffer;
}

/** Sends a request to another computer, and never to one inside the house that nobody allowed. */
export type SendRequest = (
  url: URL,
  options: { method: string; headers: Record<string, string>; body: string },
  signal: AbortSignal,
) => Promise<IncomingMessage>;

/** Whether a host is to be asked at present, and how it went. */
export interface HostTrust {
  mayAsk(host: string): boolean;
  succeeded(host: string): void;
  failed(host: string): void;
}
