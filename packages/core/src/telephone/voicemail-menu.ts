import type { PromptLanguage } from '@crosspoint/contracts';
import type { RunnableFlow } from '../ivr/index.ts';
import { call, collect, endings, menu, type Nodes, recording, say, service } from './nodes.ts';

/** What the shell does for the menu of a box. Which box is open, and which message is heard, stand in variables of the call. */
export const voicemailServices = [
  'box.begin',
  'box.choose',
  'box.open',
  'box.counts',
  'box.first',
  'box.next',
  'box.again',
  'box.heard',
  'box.archive',
  'box.delete',
  'box.restore',
  'box.caller',
  'box.greeting',
  'box.keep-greeting',
] as const;
export type VoicemailService = (typeof voicemailServices)[number];

const greetingSecondsMax = 120;
const greetingSilenceSeconds = 6;

/** Which box: that of the telephone, one of several of it, or one whose number is keyed. */
const opening: Nodes = {
  // The boxes to choose from are what the service left to be said.
  choose: {
    ...collect('', 'choice', { min: 1, max: 1, secret: false }, 'chosen'),
    ...{ prompt: [], timeoutSeconds: 10, retries: 0 },
  },
  chosen: service('box.choose', { one: 'pin', wrong: 'begin-again', unset: 'unset' }),
  'begin-again': say(['menu-wrong-key'], 'begin'),
  number: collect('box-number', 'boxNumber', { min: 1, max: 10, secret: false }, 'pin'),
  unset: { kind: 'end', prompt: [{ recording: 'box-pin-unset' }] },
  pin: collect('box-pin', 'pin', { min: 1, max: 10, secret: true }, 'open'),
  open: service('box.open', {
    ...{ open: 'counts', locked: 'locked', unset: 'unset' },
    ...{ wrong: 'wrong-pin', 'wrong-number': 'wrong-number' },
  }),
  'wrong-pin': say(['box-pin-wrong'], 'pin'),
  'wrong-number': say(['box-pin-wrong'], 'number'),
};

const messages: Nodes = {
  counts: service('box.counts', { told: 'main' }),
  main: menu('box-menu', {
    ...{ '1': 'new', '2': 'old', '3': 'archived', '8': 'greeting-menu' },
    ...{ '0': 'counts', '*': 'counts', '#': 'goodbye' },
  }),
  new: service('box.first', { message: 'play', none: 'no-more' }, { folder: 'new' }),
  old: service('box.first', { message: 'play', none: 'no-more' }, { folder: 'old' }),
  archived: service('box.first', { message: 'play', none: 'no-more' }, { folder: 'archived' }),
  next: service('box.next', { message: 'play', none: 'no-more' }),
  again: service('box.again', { message: 'play', none: 'no-more' }),
  'no-more': say(['box-no-more'], 'counts'),
  // The message itself is what the service left to be said.
  play: say([], 'heard'),
  heard: service('box.heard', { noted: 'message' }),
  message: menu('box-message-menu', {
    ...{ '1': 'again', '2': 'next', '3': 'archive', '4': 'caller', '7': 'delete' },
    ...{ '*': 'counts', '#': 'next' },
  }),
  archive: service('box.archive', { done: 'saved' }),
  saved: say(['box-saved'], 'next'),
  delete: service('box.delete', { done: 'deleted' }),
  deleted: say(['box-deleted'], 'undo'),
  undo: {
    ...menu('box-undo', { '7': 'restore', '2': 'next', '#': 'next', '*': 'counts' }, 'next'),
    retries: 0,
  },
  restore: service('box.restore', { done: 'restored' }),
  restored: say(['box-restored'], 'message'),
  caller: service('box.caller', { call: 'call-back', refused: 'no-call' }),
  'no-call': say(['box-no-call'], 'message'),
  'call-back': call('number', 'no-answer'),
  'no-answer': say(['box-no-answer'], 'message'),
};

const greeting: Nodes = {
  'greeting-menu': menu('box-greeting-menu', {
    '1': 'greeting',
    '2': 'record',
    '*': 'counts',
    '#': 'counts',
  }),
  greeting: service('box.greeting', { told: 'greeting-menu', none: 'no-greeting' }),
  'no-greeting': say(['box-greeting-none'], 'greeting-menu'),
  ...recording({
    ...{ maxSeconds: greetingSecondsMax, silenceSeconds: greetingSilenceSeconds },
    ...{ keep: 'keep-greeting', discard: 'greeting-menu' },
  }),
  'keep-greeting': service('box.keep-greeting', { done: 'greeting-kept' }),
  'greeting-kept': say(['box-greeting-kept'], 'main'),
};

/**
 * The menu of a voicemail box.
 *
 * @param language until a box is open, whose language is spoken then.
 * @param agentId whose own registered telephone calls; empty for any other telephone.
 */
export function voicemailMenu(language: PromptLanguage, agentId: string): RunnableFlow {
  const ways = { one: 'pin', several: 'choose', none: 'number', unset: 'unset' };
  const begin = service('box.begin', ways, { agentId });
  return {
    ...{ name: 'voicemail-menu', language, start: 'begin' },
    nodes: { ...opening, begin, ...messages, ...greeting, ...endings },
  };
}
