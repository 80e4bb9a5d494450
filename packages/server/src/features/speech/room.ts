import { readFile } from 'node:fs/promises';
import type { SpeechFault } from '@crosspoint/contracts';
import { wavHeaderBytes } from '@crosspoint/media';
import { type Database, SecretBox } from '../../platform/index.ts';
import { decodeSound, PromptSoundError } from '../sound-files/index.ts';
import { LastFaults } from '../voice-services/index.ts';
import { type SpeechChoice, SpeechProviderError, type SpokenText } from './door.ts';
import { type ProviderDoor, speakByProvider } from './provider.ts';
import { speechStore } from './settings.ts';
import type { Later } from './owed.ts';
import { Speech } from './speech.ts';

/** Who speaks for a tenant. */
export type SpeechOf = (tenantId: string) => Speech;

export interface SpeechRoomOptions {
  database: Database;
  dataDir: string;
  /** Unix time in milliseconds. */
  now: () => number;
  door: ProviderDoor;
  log: Record<'info' | 'warn', (context: object, message: string) => void>;
  /** Asks services again for what they failed to speak: for the room of the calls, which knows what callers hear. */
  later?: Later;
}

const faultsOfProcess = new LastFaults<SpeechFault>();

/** The voices of all tenants: who speaks for each, and what last kept a service from speaking. */
export class SpeechRoom {
  readonly #options: SpeechRoomOptions;
  readonly #speeches = new Map<string, Speech>();
  /** What last kept a service from speaking: one for the process, because routes and calls have a room each. */
  readonly faults = faultsOfProcess;
  #box: SecretBox | undefined;

  constructor(options: SpeechRoomOptions) {
    this.#options = options;
  }

  get box(): SecretBox {
    return (this.#box ??= SecretBox.open(this.#options.dataDir));
  }

  readonly of: SpeechOf = (tenantId) => {
    const known = this.#speeches.get(tenantId);
    if (known !== undefined) return known;
    const { database, dataDir, door, later } = this.#options;
    const speech = new Speech({
      dataDir,
      choice: async () => {
        const choice = await speechStore.choice(database, this.box, tenantId);
        return choice.provider === 'offline' ? undefined : choice;
      },
      byProvider: (choice, spoken) => speakByProvider(door, choice, spoken),
      failed: (fault, detail) => this.#failed(tenantId, fault, detail),
      spoke: () => this.#spoke(tenantId),
      ...(later === undefined ? {} : { later }),
    });
    this.#speeches.set(tenantId, speech);
    return speech;
  };

  /** Other settings: what was wrong with the former is forgotten. */
  changed(tenantId: string): void {
    this.faults.forget(tenantId);
  }

  /** Speaks by that service and by nothing else, as WAV. @throws {SpeechProviderError} */
  async tryOut(choice: SpeechChoice, spoken: SpokenText): Promise<Uint8Array> {
    const sound = await speakByProvider(this.#options.door, choice, spoken);
    try {
      return (await decodeSound(sound)).wav;
    } catch (error) {
      if (error instanceof PromptSoundError) throw new SpeechProviderError('no-sound', error.message);
      throw error;
    }
  }

  /** A text as the tenant's callers hear it, linear at 8,000 Hz. @throws {SpeechError} */
  async samplesOf(tenantId: string, spoken: SpokenText): Promise<Int16Array> {
    const speech = this.of(tenantId);
    await speech.prepareTexts([spoken]);
    const { wav } = await decodeSound(await readFile(speech.pathOf(spoken)));
    return new Int16Array(wav.slice(wavHeaderBytes).buffer);
  }

  #spoke(tenantId: string): void {
    if (this.faults.of(tenantId) === null) return;
    this.faults.forget(tenantId);
    this.#options.log.info({ tenantId }, 'The speech service speaks again.');
  }

  #failed(tenantId: string, fault: SpeechFault, detail: string): void {
    this.faults.note(tenantId, fault, detail, this.#options.now());
    this.#options.log.warn({ fault, detail, tenantId }, 'The speech service did not speak; espeak-ng does.');
  }
}
