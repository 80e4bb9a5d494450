import type { SrtpUse } from '@crosspoint/contracts';
import type { Binding } from '@crosspoint/sip';
import { isBrowserFlow } from './addressing.ts';
import type { SoundProfile } from './call-stages.ts';

/** Devices are registered accounts and few; the bound is for accounts that are tried out by the thousand. */
const devicesMax = 20_000;

/**
 * What kind of description a device takes. One on a WebSocket is taken for a browser, and any other for a telephone, until it
 * has shown to be the opposite, by a call of its own or by its answer to ours.
 */
export class DeviceSounds {
  /** Devices that are not what their transport makes believe. */
  readonly #unusual = new Set<string>();

  /** What to offer the device, and what when it refuses that. */
  of(binding: Binding, srtp: SrtpUse): { sound: SoundProfile; otherSound: SoundProfile | undefined } {
    const overWebSocket = isBrowserFlow(binding.flow);
    const webRtc = { isWebRtc: true, srtp: 'off' } as const;
    const rtp = { isWebRtc: false, srtp } as const;
    if (overWebSocket) {
      return this.#unusual.has(nameOf(binding))
        ? { sound: rtp, otherSound: webRtc }
        : { sound: webRtc, otherSound: rtp };
    }
    if (this.#unusual.has(nameOf(binding))) return { sound: webRtc, otherSound: rtp };
    // A telephone that insists on encryption refuses a profile that leaves it open or knows none.
    return { sound: rtp, otherSound: srtp === 'required' ? undefined : { ...rtp, srtp: 'required' } };
  }

  /** The device has sent or taken such a description. */
  learn(binding: Binding, { isWebRtc }: Pick<SoundProfile, 'isWebRtc'>): void {
    const name = nameOf(binding);
    if (isWebRtc === isBrowserFlow(binding.flow)) this.#unusual.delete(name);
    else if (this.#unusual.size < devicesMax) this.#unusual.add(name);
  }
}

const nameOf = ({ user, instanceId, contact }: Binding): string => `${user} ${instanceId ?? contact}`;
