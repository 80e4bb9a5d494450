import { isAbsolute } from 'node:path';
import { eventOfDigit } from '@crosspoint/media';
import {
  type LegRemoteParams,
  type MediaMethod,
  type MediaParams,
  mediaIdPattern,
  type PlaySource,
} from '../protocol.ts';
import { isAddress } from './addresses.ts';
import { CommandError } from './errors.ts';

/**
 * Checks of what the control process sends. A request is refused as a whole with the field, its value and what
 * would be right; nothing is corrected silently.
 */

type Fields = Record<string, unknown>;
type Check = (value: unknown, field: string) => void;

function refuse(field: string, value: unknown, wanted: string): never {
  const shown = JSON.stringify(value)?.slice(0, 100) ?? 'nothing';
  throw new CommandError('invalid-request', `${field}: ${wanted}, not ${shown}`);
}

const id: Check = (value, field) => {
  if (typeof value !== 'string' || !mediaIdPattern.test(value)) {
    refuse(field, value, '1–64 characters of A–Z a–z 0–9 . _ : - are wanted');
  }
};

const flag: Check = (value, field) => {
  if (typeof value !== 'boolean') refuse(field, value, 'true or false is wanted');
};

const ipAddress: Check = (value, field) => {
  if (typeof value !== 'string' || !isAddress(value)) refuse(field, value, 'an IP address is wanted');
};

const absolutePath: Check = (value, field) => {
  if (typeof value !== 'string' || value.length > 4096 || value.includes('\0') || !isAbsolute(value)) {
    refuse(field, value, 'an absolute path is wanted');
  }
};

const digits: Check = (value, field) => {
  const isRow = typeof value === 'string' && value.length >= 1 && value.length <= 32;
  if (!isRow || !Array.from(value).every((digit) => eventOfDigit(digit) >= 0)) {
    refuse(field, value, '1–32 digits of 0–9 * # A–D are wanted');
  }
};

const text: Check = (value, field) => {
  if (typeof value !== 'string' || value.length > 200)
    refuse(field, value, 'text of at most 200 characters is wanted');
};

function oneOf(...allowed: string[]): Check {
  return (value, field) => {
    if (!allowed.includes(value as string)) refuse(field, value, `one of ${allowed.join(', ')} is wanted`);
  };
}

function whole(min: number, max: number): Check {
  return (value, field) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      refuse(field, value, `a whole number of ${min}–${max} is wanted`);
    }
  };
}

function within(min: number, max: number): Check {
  return (value, field) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      refuse(field, value, `a number of ${min}–${max} is wanted`);
    }
  };
}

const optional =
  (check: Check): Check =>
  (value, field) => {
    if (value !== undefined) check(value, field);
  };

const nullable =
  (check: Check): Check =>
  (value, field) => {
    if (value !== null) check(value, field);
  };

function listOf(check: Check, min: number, max: number): Check {
  return (value, field) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      refuse(field, value, `a list of ${min}–${max} entries is wanted`);
    }
    for (const [index, entry] of value.entries()) check(entry, `${field}[${index}]`);
  };
}

function fieldsOf(checks: Record<string, Check>): Check {
  const names = Object.keys(checks);
  const checkOf = Object.values(checks);
  const known = new Set(names);
  return (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      refuse(field, value, 'an object is wanted');
    const fields = value as Fields;
    const prefix = field === '' ? '' : `${field}.`;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      (checkOf[i] as Check)(fields[name], prefix + name);
    }
    for (const name in fields) {
      if (!known.has(name)) refuse(prefix + name, fields[name], 'there is no such field');
    }
  };
}

const toneFields = {
  kind: oneOf('tone'),
  frequenciesHz: listOf(within(20, 3_900), 1, 4),
  levelDbm0: optional(within(-60, 0)),
  onMs: whole(10, 60_000),
  offMs: optional(whole(0, 60_000)),
};

const sources: Record<PlaySource['kind'], Check> = {
  music: fieldsOf({ kind: oneOf('music'), path: optional(absolutePath) }),
  ringback: fieldsOf({ kind: oneOf('ringback') }),
  silence: fieldsOf({ kind: oneOf('silence'), durationMs: optional(whole(20, 3_600_000)) }),
  tone: fieldsOf(toneFields),
  file: fieldsOf({ kind: oneOf('file'), path: absolutePath }),
  sequence: fieldsOf({ kind: oneOf('sequence'), paths: listOf(absolutePath, 1, 64) }),
};

const source: Check = (value, field) => {
  const kind = (value as Fields | null | undefined)?.['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(sources, kind)) {
    refuse(`${field}.kind`, kind, `one of ${Object.keys(sources).join(', ')} is wanted`);
  }
  sources[kind as PlaySource['kind']](value, field);
};

const direction = oneOf('sendrecv', 'sendonly', 'recvonly', 'inactive');
const port = whole(1, 65_535);
const legOnly = fieldsOf({ legId: id });
/** Its range is judged by the detector itself. */
const option = optional(within(0, 1_000_000));
const answeringMachineOptions = {
  initialSilenceMaxMs: option,
  greetingMaxMs: option,
  afterGreetingSilenceMs: option,
  wordsMax: option,
  wordMinMs: option,
  betweenWordsMs: option,
  analysisMaxMs: option,
  messageSilenceMs: option,
  messageWaitMaxMs: option,
};
const recordingOnly = fieldsOf({ recordingId: id });

const keyMaterial: Check = (value, field) => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]{38,64}={0,2}$/.test(value)) {
    refuse(field, '(secret)', 'base64 of master key and salt is wanted');
  }
};

const word: Check = (value, field) => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_:.-]{1,256}$/.test(value)) {
    refuse(field, value, 'a word of 1–256 characters is wanted');
  }
};

/** A word that a far end without ICE has not got. */
const wordOrNothing: Check = (value, field) => {
  if (value !== '') word(value, field);
};

const sdpLine: Check = (value, field) => {
  if (typeof value !== 'string' || value.length > 512 || /[\r\n\0]/.test(value)) {
    refuse(field, value, 'a line of at most 512 characters is wanted');
  }
};

const dtls = fieldsOf({
  fingerprint: fieldsOf({ algorithm: word, value: word }),
  iceUfrag: wordOrNothing,
  icePwd: wordOrNothing,
  candidates: listOf(sdpLine, 0, 64),
  setup: oneOf('active', 'passive'),
});

const remoteFields: Record<keyof LegRemoteParams, Check> = {
  legId: id,
  address: ipAddress,
  port,
  signallingAddress: optional(ipAddress),
  codec: oneOf('PCMU', 'PCMA', 'G722', 'opus'),
  payloadType: whole(0, 127),
  receivePayloadType: optional(whole(0, 127)),
  telephoneEventPayloadType: optional(whole(0, 127)),
  receiveTelephoneEventPayloadType: optional(whole(0, 127)),
  direction,
  ptimeMs: whole(1, 1000),
  rtcpMux: flag,
  rtcpPort: optional(port),
  srtp: optional(fieldsOf({ suite: word, sendKey: keyMaterial, receiveKey: keyMaterial })),
  dtls: optional(dtls),
};

const partyFields = {
  gain: optional(within(0, 8)),
  muted: optional(flag),
  supervision: optional(nullable(fieldsOf({ mode: oneOf('listen', 'whisper', 'barge'), legId: id }))),
};

const checks: Record<MediaMethod, Check> = {
  hello: fieldsOf({
    protocolVersion: whole(0, 1_000_000),
    client: text,
    resumeAfterSequence: nullable(whole(0, Number.MAX_SAFE_INTEGER)),
  }),
  'leg.allocate': fieldsOf({
    legId: id,
    address: optional(ipAddress),
    transport: optional(oneOf('rtp', 'dtls', 'webrtc')),
    publicAddress: optional(ipAddress),
  }),
  'leg.restartIce': legOnly,
  'leg.remote': fieldsOf(remoteFields),
  'leg.direction': fieldsOf({ legId: id, direction }),
  'leg.bridge': fieldsOf({ a: id, b: id }),
  'leg.unbridge': legOnly,
  'leg.play': fieldsOf({ legId: id, playId: id, source, loop: optional(flag), over: optional(flag) }),
  'leg.stopPlaying': fieldsOf({ legId: id, playId: optional(id) }),
  'leg.sendDigit': fieldsOf({
    legId: id,
    digits,
    durationMs: optional(whole(40, 5_000)),
    gapMs: optional(whole(40, 5_000)),
  }),
  'leg.listen': fieldsOf({
    legId: id,
    speech: optional(fieldsOf({ marginDb: option, onsetMs: option, hangoverMs: option })),
    tones: optional(listOf(oneOf('beep', 'fax-calling', 'fax-answer'), 1, 3)),
    answeringMachine: optional(fieldsOf(answeringMachineOptions)),
    sound: optional(flag),
  }),
  'leg.stopListening': legOnly,
  'leg.mute': fieldsOf({ legId: id, muted: flag }),
  'leg.release': legOnly,
  'conference.create': fieldsOf({ conferenceId: id }),
  'conference.join': fieldsOf({ conferenceId: id, legId: id, ...partyFields }),
  'conference.set': fieldsOf({ legId: id, ...partyFields }),
  'conference.leave': legOnly,
  'conference.end': fieldsOf({ conferenceId: id }),
  'recording.start': fieldsOf({
    recordingId: id,
    path: absolutePath,
    format: optional(oneOf('wav', 'mp3')),
    left: nullable(id),
    right: optional(nullable(id)),
    continueAfterMs: optional(whole(0, 133_000_000)),
  }),
  'recording.attach': fieldsOf({
    recordingId: id,
    left: optional(nullable(id)),
    right: optional(nullable(id)),
  }),
  'recording.pause': recordingOnly,
  'recording.resume': recordingOnly,
  'recording.stop': recordingOnly,
  'recording.recover': fieldsOf({ path: absolutePath }),
  stats: fieldsOf({}),
  shutdown: fieldsOf({}),
};

export function isMethod(method: unknown): method is MediaMethod {
  return typeof method === 'string' && Object.hasOwn(checks, method);
}

/** Returns the parameters as what they are, or throws a CommandError that names the first wrong field. */
export function checkParams<M extends MediaMethod>(method: M, params: unknown): MediaParams<M> {
  checks[method](params, '');
  return params as MediaParams<M>;
}
