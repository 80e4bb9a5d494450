import type {
  OpusEncoderSettings,
  OpusLibrary,
  OpusLibraryDecoder,
  OpusLibraryEncoder,
  SampleRateHz,
} from '@crosspoint/media';
import type { Encoder } from '@evan/opus';
import type { createDecoder, OpusDecoderHandle } from 'libopus-wasm';

/**
 * The Opus libraries behind the codec of the sound library. Encoding, where nearly all the time goes, is native
 * (`@evan/opus`, half the processor time; it falls back to WebAssembly of its own where it has no binary). Decoding is
 * `libopus-wasm`, a fifth slower than native but the only one of the two that conceals losses and reads the in-band
 * error correction. Figures: `packages/media/README.md`.
 */

/** RFC 6716 §2, table 1, by sampling rate. */
const bandwidths = {
  8_000: 'narrowband',
  12_000: 'mediumband',
  16_000: 'wideband',
  24_000: 'superwideband',
  48_000: 'fullband',
} as const;

/**
 * Loads both libraries; a process that never speaks Opus need not pay for them.
 * @throws Error when a package or WebAssembly cannot be loaded.
 */
export async function loadOpusLibrary(): Promise<OpusLibrary> {
  const [native, wasm] = await Promise.all([import('@evan/opus'), import('libopus-wasm')]);
  await wasm.loadLibopus();
  return {
    createEncoder: (settings) => new NativeEncoder(native.Encoder, settings),
    createDecoder: (sampleRateHz) => new WasmDecoder(wasm.createDecoder, sampleRateHz),
  };
}

class NativeEncoder implements OpusLibraryEncoder {
  readonly #encoder: Encoder;

  constructor(Native: typeof Encoder, settings: OpusEncoderSettings) {
    const encoder = new Native({
      channels: 1,
      sample_rate: settings.sampleRateHz,
      application: 'voip',
    });
    encoder.signal = 'voice';
    encoder.bitrate = settings.bitrate;
    encoder.complexity = settings.complexity as 0;
    encoder.max_bandwidth = bandwidths[settings.maxBandwidthRateHz];
    encoder.inband_fec = settings.inbandFec;
    encoder.packet_loss = settings.expectedLossPercent;
    encoder.dtx = settings.dtx;
    this.#encoder = encoder;
  }

  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm);
  }

  setExpectedLossPercent(percent: number): void {
    this.#encoder.packet_loss = percent;
  }

  close(): void {
    // The native encoder goes with the object that holds it.
  }
}

/**
 * The package makes decoders asynchronously, although nothing is awaited once the library is loaded: the decoder is there
 * before the process takes its next packet. Asked in the very same turn it throws, which the codec treats as a loss.
 */
class WasmDecoder implements OpusLibraryDecoder {
  #handle: OpusDecoderHandle | undefined;
  #failure: unknown;
  #closed = false;

  constructor(create: typeof createDecoder, sampleRateHz: SampleRateHz) {
    create({ channels: 1, sampleRate: sampleRateHz }).then(
      (handle) => {
        if (this.#closed) handle.free();
        else this.#handle = handle;
      },
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  decode(payload: Uint8Array): Int16Array {
    return this.#live().decode(payload);
  }

  recover(payload: Uint8Array, samples: number): Int16Array {
    return this.#live().decode(payload, { decodeFec: true, frameSize: samples });
  }

  conceal(samples: number): Int16Array {
    return this.#live().decodePacketLoss(samples);
  }

  close(): void {
    this.#closed = true;
    this.#handle?.free();
    this.#handle = undefined;
  }

  #live(): OpusDecoderHandle {
    if (this.#handle === undefined)
      throw new Error('Opus decoder: not ready in this turn, or closed', { cause: this.#failure });
    return this.#handle;
  }
}
