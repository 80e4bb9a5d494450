import type { SrtpUse } from '@crosspoint/contracts';
import type { Binding, Flow } from '@crosspoint/sip';
import type { SoundTransport } from '../door.ts';
import { isBrowserFlow } from './addressing.ts';
import type { CallWay, SoundProfile } from './call-stages.ts';

/** Devices are registered accounts and few; the bound is for accounts that are tried out by the thousand. */
const devicesMax = 20_000;

type Sounds = Pick<CallWay, 'sound' | 'otherSounds'>;

const webRtc: SoundProfile = { transport: 'webrtc', srtp: 'off' };
const dtls: SoundProfile = { transport: 'dtls', srtp: 'off' };
const rtp = (srtp: SrtpUse): SoundProfile => ({ transport: 'rtp', srtp });
/** By DTLS, else by keys that may be left aside, else by those that may not. */
const dtlsIfPossible = [dtls, rtp('offered'), rtp('required')] as const;

/** What to offer a trunk, and what when it refuses that. */
export function soundsOfTrunk(srtp: SrtpUse): Sounds {
  switch (srtp) {
    case 'dtls-required':
      return { sound: dtls };
    case 'dtls-offered':
      return split(dtlsIfPossible);
    case 'offered':
      return { sound: rtp(srtp), otherSounds: [rtp('required')] };
    default:
      return { sound: rtp(srtp) };
  }
}

/** What our description offers to one who calls without any (RFC 3264 §4): a second one is not possible then. */
export function transportOffered(flow: Flow, srtp: SrtpUse): SoundTransport {
  if (isBrowserFlow(flow)) return 'webrtc';
  return srtp === 'dtls-required' ? 'dtls' : 'rtp';
}

/**
 * What kind of description a device takes. One on a WebSocket is taken for a browser, and any other for a telephone, until it
 * has shown to be the opposite, by a call of its own or by its answer to ours; and so has one that wants DTLS.
 */
export class DeviceSounds {
  /** What devices take that is not what their transport makes believe. */
  readonly #unusual = new Map<string, SoundTransport>();

  /** What to offer the device, and what when it refuses that. */
  of(binding: Binding, srtp: SrtpUse): Sounds {
    const taken = this.#unusual.get(nameOf(binding));
    const [sound, ...otherSounds] = ofTelephone(srtp);
    if (isBrowserFlow(binding.flow)) return split(taken === undefined ? [webRtc, sound] : [sound, webRtc]);
    if (taken === 'webrtc') return split([webRtc, sound]);
    // What was set goes before what was seen, as long as it is no weaker.
    if (taken === 'dtls') return split([dtls, ...[sound, ...otherSounds].filter((each) => each !== dtls)]);
    return { sound, otherSounds };
  }

  /** The device has sent or taken such a description. */
  learn(binding: Binding, { transport }: Pick<SoundProfile, 'transport'>): void {
    const name = nameOf(binding);
    if (transport === (isBrowserFlow(binding.flow) ? 'webrtc' : 'rtp')) this.#unusual.delete(name);
    else if (this.#unusual.size < devicesMax) this.#unusual.set(name, transport);
  }
}

/**
 * A telephone that insists on encryption refuses a profile that leaves it open or knows none; some want it by DTLS only. They are asked
 * first: baresip accepts RTP/SAVP then, without a key, while those that know keys in the description only refuse DTLS.
 */
function ofTelephone(srtp: SrtpUse): readonly [SoundProfile, ...SoundProfile[]] {
  switch (srtp) {
    case 'dtls-required':
      return [dtls];
    case 'dtls-offered':
      return dtlsIfPossible;
    case 'required':
      return [rtp(srtp), dtls];
    default:
      return [rtp(srtp), dtls, rtp('required')];
  }
}

function split([sound, ...otherSounds]: readonly [SoundProfile, ...SoundProfile[]]): Sounds {
  return { sound, otherSounds };
}

const nameOf = ({ user, instanceId, contact }: Binding): string => `${user} ${instanceId ?? contact}`;
