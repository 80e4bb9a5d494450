import { decodeUtf8 } from '../message/index.ts';
import { escapeXml, parseXml, type XmlElement } from './xml.ts';

/** One call of somebody who is watched (RFC 4235 §4.1). */
export type DialogInfo = {
  /** Stays the same while the call lasts; unique within the document. */
  id: string;
  state: DialogInfoState;
  /** Whether the watched party called or was called. */
  direction?: 'initiator' | 'recipient';
  callId?: string;
  localTag?: string;
  remoteTag?: string;
  /** What led to `terminated`. */
  event?: 'cancelled' | 'rejected' | 'replaced' | 'local-bye' | 'remote-bye' | 'error' | 'timeout';
  /** The SIP status that goes with it. */
  code?: number;
  durationSeconds?: number;
  /** The watched party. */
  local?: DialogInfoParty;
  remote?: DialogInfoParty;
};

export type DialogInfoState = 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated';

export type DialogInfoParty = {
  uri: string;
  displayName?: string;
  /** The Contact URI. */
  targetUri?: string;
};

/** A dialog-info document. */
export type DialogInfoDocument = {
  /** Rises by one with each NOTIFY of a subscription, from 0. */
  version: number;
  /** Whether it names all calls, or only those that changed. */
  isFull: boolean;
  /** The URI that is watched. */
  entity: string;
  dialogs: readonly DialogInfo[];
};

export const dialogInfoType = 'application/dialog-info+xml';

const states = new Set<string>(['trying', 'proceeding', 'early', 'confirmed', 'terminated']);
const events = new Set<string>([
  'cancelled',
  'rejected',
  'replaced',
  'local-bye',
  'remote-bye',
  'error',
  'timeout',
]);
const dialogsMax = 500;

/** Writes application/dialog-info+xml. */
export function writeDialogInfo(document: DialogInfoDocument): string {
  const attributes = [
    'xmlns="urn:ietf:params:xml:ns:dialog-info"',
    `version="${document.version}"`,
    `state="${document.isFull ? 'full' : 'partial'}"`,
    `entity="${escapeXml(document.entity)}"`,
  ];
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<dialog-info ${attributes.join(' ')}>`];
  for (const dialog of document.dialogs) lines.push(...writeDialog(dialog));
  lines.push('</dialog-info>', '');
  return lines.join('\r\n');
}

function attribute(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeXml(String(value))}"`;
}

function writeDialog(dialog: DialogInfo): string[] {
  const identity = [
    attribute('id', dialog.id),
    attribute('call-id', dialog.callId),
    attribute('local-tag', dialog.localTag),
    attribute('remote-tag', dialog.remoteTag),
    attribute('direction', dialog.direction),
  ].join('');
  const lines = [
    `<dialog${identity}>`,
    `<state${attribute('event', dialog.event)}${attribute('code', dialog.code)}>${dialog.state}</state>`,
  ];
  if (dialog.durationSeconds !== undefined)
    lines.push(`<duration>${Math.floor(dialog.durationSeconds)}</duration>`);
  if (dialog.local !== undefined) lines.push(writeParty('local', dialog.local));
  if (dialog.remote !== undefined) lines.push(writeParty('remote', dialog.remote));
  lines.push('</dialog>');
  return lines;
}

function writeParty(name: 'local' | 'remote', party: DialogInfoParty): string {
  const display = attribute('display', party.displayName);
  const identity = `<identity${display}>${escapeXml(party.uri)}</identity>`;
  const target = party.targetUri === undefined ? '' : `<target${attribute('uri', party.targetUri)}/>`;
  return `<${name}>${identity}${target}</${name}>`;
}

/** Reads application/dialog-info+xml; undefined when it is malformed. At most 500 calls are read. */
export function parseDialogInfo(body: Uint8Array | string): DialogInfoDocument | undefined {
  const root = parseXml(typeof body === 'string' ? body : decodeUtf8(body));
  const version = Number(root?.attributes.get('version') ?? Number.NaN);
  const state = root?.attributes.get('state');
  const entity = root?.attributes.get('entity');
  if (root?.name !== 'dialog-info' || !Number.isSafeInteger(version) || version < 0) return undefined;
  if (entity === undefined || (state !== 'full' && state !== 'partial')) return undefined;
  const elements = root.children.filter((child) => child.name === 'dialog').slice(0, dialogsMax);
  const dialogs = elements.map(readDialog).filter((dialog) => dialog !== undefined);
  return { version, isFull: state === 'full', entity, dialogs };
}

function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** A call; undefined when it has no id or no state that RFC 4235 knows. */
function readDialog(element: XmlElement): DialogInfo | undefined {
  const { attributes } = element;
  const id = attributes.get('id') ?? '';
  const stateElement = childOf(element, 'state');
  const state = stateElement?.text.trim().toLowerCase() ?? '';
  if (id === '' || !states.has(state)) return undefined;
  const direction = attributes.get('direction');
  const event = stateElement?.attributes.get('event');
  const code = Number(stateElement?.attributes.get('code') ?? Number.NaN);
  const duration = Number.parseInt(childOf(element, 'duration')?.text ?? '', 10);
  const local = readParty(childOf(element, 'local'));
  const remote = readParty(childOf(element, 'remote'));
  return {
    id,
    state: state as DialogInfoState,
    ...(direction === 'initiator' || direction === 'recipient' ? { direction } : {}),
    ...present('callId', attributes.get('call-id')),
    ...present('localTag', attributes.get('local-tag')),
    ...present('remoteTag', attributes.get('remote-tag')),
    ...(event !== undefined && events.has(event) ? { event: event as NonNullable<DialogInfo['event']> } : {}),
    ...(Number.isInteger(code) ? { code } : {}),
    ...(Number.isSafeInteger(duration) && duration >= 0 ? { durationSeconds: duration } : {}),
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
  };
}

function present<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

function readParty(element: XmlElement | undefined): DialogInfoParty | undefined {
  const identity = childOf(element, 'identity');
  if (identity === undefined) return undefined;
  return {
    uri: identity.text.trim(),
    ...present('displayName', identity.attributes.get('display')),
    ...present('targetUri', childOf(element, 'target')?.attributes.get('uri')),
  };
}
