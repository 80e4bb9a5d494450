import type { AgentId, ContactId, LegId, TrunkId } from '@crosspoint/contracts';
import type {
  CallSnapshot,
  LocalAudio,
  NegotiatedAudio,
  SdpSessionSnapshot,
  SessionSnapshot,
} from '@crosspoint/sip';
import type { DialCommand } from '../door.ts';
import { codecOf, type KeptCodec, keptCodec } from './audio.ts';

/** A call that counts against the limits of a trunk. */
export interface CountedCall {
  trunkId: TrunkId;
  direction: 'incoming' | 'outgoing';
  /** Whom and where it counts as a call out; missing in those that come in. */
  toll?: { agentId: AgentId | undefined; number: string };
}

/** The agent's far end is a page of the console, or another browser, that is registered on that connection. */
export interface BrowserPage {
  command: DialCommand;
  connectionId: number;
  /** The Contact at which it was called; snapshots of former versions lack it. */
  contact?: string | undefined;
}

/** What a process needs to go on with a leg of another one, as plain JSON data. */
export interface SipLegSnapshot {
  legId: LegId;
  contactId: ContactId;
  role: 'caller' | 'callee';
  agentId?: AgentId | undefined;
  callId: string;
  held: boolean;
  /** It rings, or has rung, the devices of an agent. */
  toAgent?: boolean | undefined;
  browser?: BrowserPage | undefined;
  counted?: CountedCall | undefined;
  /** It is answered: by us or by the far end. */
  session?: SessionSnapshot | undefined;
  sound?: LegSoundSnapshot | undefined;
  /** It is not answered: the INVITEs that ring. */
  calls?: CallSnapshot[] | undefined;
}

/** The sound of a leg, as plain JSON data; bytes are base64. */
export interface LegSoundSnapshot {
  address: string;
  /** Of the far end's signalling. */
  remoteAddress?: string | undefined;
  local: Omit<LocalAudio, 'srtp' | 'codecs'> & { codecs: KeptCodec[] };
  keys?: { use: 'required' | 'optional'; keys: { suite: string; keyAndSalt: string }[] } | undefined;
  audio?: KeptAudio | undefined;
  agreedKeys?: { suite: string; send: string; receive: string } | undefined;
  sdp: SdpSessionSnapshot;
  /** The far end is not known to have heard where the sound is now. */
  isOutdated?: true | undefined;
}

type KeptAudio = Omit<NegotiatedAudio, 'srtp' | 'codec' | 'receiveCodecs'> & {
  codec: KeptCodec;
  receiveCodecs: { payloadType: number; codec: KeptCodec }[];
};

/** More requests than one process sends in one call between two notes. */
const sequenceHeadroom = 1_000;

/**
 * The leg as a process left it behind that is gone: its last requests may not have been noted, and those of the next process are to
 * begin behind them (RFC 3261 §12.2.1.1). To be kept in the place of the snapshot, so that the process after the next begins
 * behind those as well: a phone refuses a BYE whose number is lower than one that it has seen.
 */
export function leftBehind(snapshot: SipLegSnapshot): SipLegSnapshot {
  const { session } = snapshot;
  if (session === undefined) return snapshot;
  return { ...snapshot, session: { ...session, localSequence: session.localSequence + sequenceHeadroom } };
}

type LocalSrtp = NonNullable<LocalAudio['srtp']>;
type AgreedSrtp = NonNullable<NegotiatedAudio['srtp']>;

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export function packSound(
  address: string,
  { srtp, codecs, ...local }: LocalAudio,
  agreed: NegotiatedAudio | undefined,
  sdp: SdpSessionSnapshot,
): LegSoundSnapshot {
  const agreedSrtp = agreed?.srtp;
  return {
    address,
    local: { ...local, codecs: codecs.map(keptCodec) },
    sdp,
    audio: agreed && keptAudio(agreed),
    keys: srtp && {
      use: srtp.use,
      keys: srtp.keys.map(({ suite, keyAndSalt }) => ({ suite, keyAndSalt: toText(keyAndSalt) })),
    },
    agreedKeys: agreedSrtp && {
      suite: agreedSrtp.suite,
      send: toText(agreedSrtp.sendKeyAndSalt),
      receive: toText(agreedSrtp.receiveKeyAndSalt),
    },
  };
}

function keptAudio({ srtp: _srtp, codec, receiveCodecs, ...audio }: NegotiatedAudio): KeptAudio {
  return {
    ...audio,
    codec: keptCodec(codec),
    receiveCodecs: receiveCodecs.map((each) => ({ ...each, codec: keptCodec(each.codec) })),
  };
}

function audioOf({ codec, receiveCodecs, ...audio }: KeptAudio): NegotiatedAudio {
  return {
    ...audio,
    codec: codecOf(codec),
    receiveCodecs: receiveCodecs.map((each) => ({ ...each, codec: codecOf(each.codec) })),
  };
}

export function unpackSound({ local, keys, audio, agreedKeys }: LegSoundSnapshot): {
  local: LocalAudio;
  audio: NegotiatedAudio | undefined;
} {
  const srtp = keys && {
    use: keys.use,
    keys: keys.keys.map(({ suite, keyAndSalt }) => ({ suite, keyAndSalt: toBytes(keyAndSalt) })),
  };
  const agreed = agreedKeys && {
    suite: agreedKeys.suite,
    sendKeyAndSalt: toBytes(agreedKeys.send),
    receiveKeyAndSalt: toBytes(agreedKeys.receive),
  };
  return {
    local: {
      ...local,
      codecs: local.codecs.map(codecOf),
      ...(srtp === undefined ? {} : { srtp: srtp as LocalSrtp }),
    },
    audio: audio && { ...audioOf(audio), ...(agreed === undefined ? {} : { srtp: agreed as AgreedSrtp }) },
  };
}
