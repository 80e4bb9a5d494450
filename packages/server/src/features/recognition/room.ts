import type { RecognitionFault } from '@crosspoint/contracts';
import type { Hearing } from '@crosspoint/core';
import { type Database, SecretBox } from '../../platform/index.ts';
import { LastFaults } from '../voice-services/index.ts';
import { deepgramUrl, openDeepgram, type OpenSocket } from './deepgram.ts';
import type { RecognitionChoice, RecognitionEvents, RecognitionStream, Recogniser } from './door.ts';
import { Pocketsphinx } from './pocketsphinx.ts';
import { recognitionStore } from './settings.ts';

/** Behind the end of an utterance; callers prefer keys to a longer wait. */
const answerTimeoutMs = 6_000;

/** How services are reached, and whether a host is to be asked at present. */
export interface RecognitionDoor {
  openSocket: OpenSocket;
  trust: {
    mayAsk(host: string): boolean;
    isLeftAlone(host: string): boolean;
    succeeded(host: string): void;
    failed(host: string): void;
    left(host: string): void;
  };
}

export interface RecognitionRoomOptions {
  database: Database;
  dataDir: string;
  /** Unix time in milliseconds. */
  now: () => number;
  door: RecognitionDoor;
  log: { warn: (context: object, message: string) => void };
}

const faultsOfProcess = new LastFaults<RecognitionFault>();

/** Who understands the callers of all tenants, as chosen last, and what last kept them from it. */
export class RecognitionRoom {
  readonly #options: RecognitionRoomOptions;
  readonly #engine = new Pocketsphinx();
  readonly #choices = new Map<string, RecognitionChoice>();
  /** One for the process, because routes and calls have a room each. */
  readonly faults = faultsOfProcess;
  #box: SecretBox | undefined;

  constructor(options: RecognitionRoomOptions) {
    this.#options = options;
  }

  get box(): SecretBox {
    return (this.#box ??= SecretBox.open(this.#options.dataDir));
  }

  /** Reads again who is chosen; calls go on with the former choice meanwhile. */
  async refresh(tenantId: string): Promise<void> {
    this.#choices.set(tenantId, await recognitionStore.choice(this.#options.database, this.box, tenantId));
  }

  /** Other settings: what was wrong with the former is forgotten. */
  changed(tenantId: string): void {
    this.faults.forget(tenantId);
  }

  /** Whoever understands the callers of that tenant now. Never waits for the database. */
  of(tenantId: string): Recogniser {
    const noted = (fault: RecognitionFault, detail: string): void => this.#noted(tenantId, fault, detail);
    const chosen = (): Recogniser => this.by(this.#choices.get(tenantId) ?? offline);
    return {
      refusal: (hearing) => {
        const fault = chosen().refusal(hearing);
        if (fault !== undefined) noted(fault, hearing.language);
        return fault;
      },
      open: (hearing, events) =>
        chosen().open(hearing, {
          ...events,
          failed: (fault, detail) => {
            noted(fault, detail);
            events.failed(fault, detail);
          },
        }),
    };
  }

  /** By exactly this choice. */
  by(choice: RecognitionChoice): Recogniser {
    if (choice.provider === 'offline') {
      return {
        refusal: (hearing) => this.#engine.refusal(hearing),
        open: (hearing, events) => inTime(this.#engine.open.bind(this.#engine), hearing, events),
      };
    }
    const { door } = this.#options;
    return {
      // Most callers whom a question listens to press keys: that one could have spoken is no attempt.
      refusal: (hearing) =>
        door.trust.isLeftAlone(deepgramUrl(choice, hearing).host) ? 'paused' : undefined,
      open: (hearing, events) => askService(door, choice, hearing, events),
    };
  }

  #noted(tenantId: string, fault: RecognitionFault, detail: string): void {
    this.faults.note(tenantId, fault, detail, this.#options.now());
    this.#options.log.warn({ fault, detail, tenantId }, 'Speech is not understood; callers press keys.');
  }
}

const offline: RecognitionChoice = { provider: 'offline', address: '', model: '', key: '' };
const passing: readonly RecognitionFault[] = ['limited', 'unavailable', 'timeout', 'no-connection'];

/** Sends one utterance to a service, unless that is left alone since somebody else began to try it. */
function askService(
  { openSocket, trust }: RecognitionDoor,
  choice: RecognitionChoice,
  hearing: Hearing,
  events: RecognitionEvents,
): RecognitionStream {
  const { host } = deepgramUrl(choice, hearing);
  let isAnswered = false;
  const failed: RecognitionEvents['failed'] = (fault, detail) => {
    isAnswered = true;
    events.failed(fault, detail);
  };
  if (!trust.mayAsk(host)) {
    queueMicrotask(() => isAnswered || failed('paused', host));
    return { write: () => undefined, finish: () => undefined, cancel: () => (isAnswered = true) };
  }
  const open: Recogniser['open'] = (...asked) => openDeepgram(openSocket, choice, ...asked);
  const stream = inTime(open, hearing, {
    partial: events.partial,
    heard: (text, confidence) => {
      isAnswered = true;
      trust.succeeded(host);
      events.heard(text, confidence);
    },
    failed: (fault, detail) => {
      // A service that refuses answers, although not with what was wanted.
      if (passing.includes(fault)) trust.failed(host);
      else trust.succeeded(host);
      failed(fault, detail);
    },
  });
  return {
    ...stream,
    cancel: () => {
      // A caller who has hung up or pressed a key says nothing about the service.
      if (!isAnswered) trust.left(host);
      isAnswered = true;
      stream.cancel();
    },
  };
}

/** Whoever says nothing for too long behind the end of an utterance has failed. */
function inTime(open: Recogniser['open'], hearing: Hearing, events: RecognitionEvents): RecognitionStream {
  let timer: NodeJS.Timeout | undefined;
  const stream = open(hearing, {
    partial: events.partial,
    heard: (text, confidence) => {
      clearTimeout(timer);
      events.heard(text, confidence);
    },
    failed: (fault, detail) => {
      clearTimeout(timer);
      events.failed(fault, detail);
    },
  });
  const cancel = (): void => {
    clearTimeout(timer);
    stream.cancel();
  };
  return {
    write: (samples) => stream.write(samples),
    finish: () => {
      timer ??= setTimeout(() => {
        stream.cancel();
        events.failed('timeout', `${answerTimeoutMs / 1_000} s`);
      }, answerTimeoutMs);
      stream.finish();
    },
    cancel,
  };
}
