import type { FlowNodeKind, FlowNodeOf, PromptLanguage } from '@crosspoint/contracts';
import AudioLines from '@lucide/svelte/icons/audio-lines';
import Clock from '@lucide/svelte/icons/clock';
import CornerDownRight from '@lucide/svelte/icons/corner-down-right';
import GitBranch from '@lucide/svelte/icons/git-branch';
import Hash from '@lucide/svelte/icons/hash';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Languages from '@lucide/svelte/icons/languages';
import Mic from '@lucide/svelte/icons/mic';
import PhoneForwarded from '@lucide/svelte/icons/phone-forwarded';
import PhoneIncoming from '@lucide/svelte/icons/phone-incoming';
import PhoneOff from '@lucide/svelte/icons/phone-off';
import Split from '@lucide/svelte/icons/split';
import Star from '@lucide/svelte/icons/star';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Users from '@lucide/svelte/icons/users';
import Variable from '@lucide/svelte/icons/variable';
import Voicemail from '@lucide/svelte/icons/voicemail';
import Volume2 from '@lucide/svelte/icons/volume-2';
import Webhook from '@lucide/svelte/icons/webhook';
import type { Component } from 'svelte';
import { m } from '#lib/paraglide/messages.js';
import { nowhere } from './document.ts';
import type { NodeField } from './fields.ts';
import { hoursWords, promptWords } from './words.ts';

/** Everything that the builder knows of a kind of node. A new kind needs one entry here and nothing else. */
export interface NodeKind<Kind extends FlowNodeKind> {
  name: () => string;
  /** What it is for, in a sentence. */
  hint: () => string;
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>;
  group: NodeGroup;
  fields: NodeField[];
  /** What a new one holds beyond the defaults of its schema. */
  make: (language: PromptLanguage) => Partial<FlowNodeOf<Kind>>;
  /** Its content, as it stands on the canvas; nothing when its ways say it all. */
  shows?: (node: FlowNodeOf<Kind>, language: PromptLanguage) => string;
  /** Its ways that have words of their own; others are called by their path. */
  exits?: Record<string, () => string>;
}

export type NodeGroup = 'say' | 'ask' | 'decide' | 'hand-over' | 'finish';
export const nodeGroups: Record<NodeGroup, () => string> = {
  say: m.flow_group_say,
  ask: m.flow_group_ask,
  decide: m.flow_group_decide,
  'hand-over': m.flow_group_hand_over,
  finish: m.flow_group_finish,
};

const prompt: NodeField = { as: 'prompt', at: 'prompt', label: m.flow_prompt };
const invalidPrompt: NodeField = { as: 'prompt', at: 'invalidPrompt', label: m.flow_prompt_invalid };
const bargeIn: NodeField = {
  as: 'switch',
  at: 'bargeIn',
  label: m.flow_barge_in,
  hint: m.flow_barge_in_hint,
};
const timeout: NodeField = {
  as: 'number',
  at: 'timeoutSeconds',
  label: m.flow_timeout,
  unit: m.unit_seconds,
};
const retries: NodeField = { as: 'number', at: 'retries', label: m.flow_retries };
const maxSeconds: NodeField = {
  as: 'number',
  at: 'maxSeconds',
  label: m.flow_max_seconds,
  unit: m.unit_seconds,
};
const silence: NodeField = {
  ...{ as: 'number', at: 'silenceSeconds', label: m.flow_silence_seconds },
  unit: m.unit_seconds,
};
const variable: NodeField = {
  as: 'variable',
  at: 'variable',
  label: m.flow_variable,
  hint: m.flow_variable_hint,
};
const queue: NodeField = { as: 'queue', at: 'queue', label: m.queue_name };
const way = { next: nowhere };

export const nodeKinds: { [Kind in FlowNodeKind]: NodeKind<Kind> } = {
  say: {
    ...{ name: m.kind_say, hint: m.kind_say_hint, icon: Volume2, group: 'say' },
    fields: [prompt, bargeIn],
    shows: ({ prompt: said }, language) => promptWords(said, language),
    make: (language) => ({ prompt: [{ text: { [language]: '' } }], ...way }),
  },
  play: {
    ...{ name: m.kind_play, hint: m.kind_play_hint, icon: AudioLines, group: 'say' },
    fields: [{ as: 'recording', at: 'recording', label: m.flow_recording }, bargeIn],
    shows: ({ recording }) => `♪ ${recording}`,
    make: () => ({ recording: '', ...way }),
  },
  menu: {
    ...{ name: m.kind_menu, hint: m.kind_menu_hint, icon: Keyboard, group: 'ask' },
    fields: [
      prompt,
      { as: 'keys', at: 'keys' },
      ...[timeout, retries, bargeIn, invalidPrompt],
      { as: 'prompt', at: 'timeoutPrompt', label: m.flow_prompt_timeout },
      { as: 'speech', at: 'speech' },
    ],
    shows: ({ prompt: said }, language) => promptWords(said, language),
    make: (language) => ({
      prompt: [{ text: { [language]: '' } }],
      keys: { 1: nowhere, 2: nowhere },
      otherwise: nowhere,
    }),
    exits: { otherwise: m.flow_exit_no_key },
  },
  collect: {
    ...{ name: m.kind_collect, hint: m.kind_collect_hint, icon: Hash, group: 'ask' },
    fields: [
      ...[prompt, variable],
      { as: 'number', at: 'digitsMin', label: m.flow_digits_min },
      { as: 'number', at: 'digitsMax', label: m.flow_digits_max },
      { as: 'key', at: 'terminator', label: m.flow_terminator, none: m.flow_terminator_none },
      timeout,
      { as: 'number', at: 'interDigitSeconds', label: m.flow_inter_digit, unit: m.unit_seconds },
      ...[retries, bargeIn],
      { as: 'switch', at: 'secret', label: m.flow_secret, hint: m.flow_secret_hint },
      invalidPrompt,
      { as: 'speech', at: 'speech' },
    ],
    shows: ({ prompt: said, variable: into }, language) => `${promptWords(said, language)} → ${into}`,
    make: (language) => ({
      prompt: [{ text: { [language]: '' } }],
      ...{ variable: 'digits', digitsMax: 8, ...way, otherwise: nowhere },
    }),
    exits: { next: m.flow_exit_entered, otherwise: m.flow_exit_not_entered },
  },
  survey: {
    ...{ name: m.kind_survey, hint: m.kind_survey_hint, icon: Star, group: 'ask' },
    fields: [
      { as: 'text', at: 'question', label: m.flow_question, hint: m.flow_question_hint },
      prompt,
      { as: 'number', at: 'min', label: m.flow_answer_min },
      { as: 'number', at: 'max', label: m.flow_answer_max },
      ...[timeout, retries, bargeIn, invalidPrompt],
    ],
    shows: ({ question, min, max }) => `${question} (${min}–${max})`,
    make: (language) => ({
      ...{ question: '', prompt: [{ text: { [language]: '' } }], ...way, otherwise: nowhere },
    }),
    exits: { next: m.flow_exit_answered, otherwise: m.flow_exit_no_answer },
  },
  language: {
    ...{ name: m.kind_language, hint: m.kind_language_hint, icon: Languages, group: 'ask' },
    fields: [
      prompt,
      { as: 'languages', at: 'choices' },
      { as: 'language', at: 'otherwise', label: m.flow_language_otherwise },
      ...[timeout, retries, bargeIn],
    ],
    shows: ({ prompt: said }, language) => promptWords(said, language),
    make: (language) => ({ otherwise: language, ...way }),
  },
  record: {
    ...{ name: m.kind_record, hint: m.kind_record_hint, icon: Mic, group: 'ask' },
    fields: [prompt, maxSeconds, silence],
    shows: ({ prompt: said }, language) => promptWords(said, language),
    make: (language) => ({ prompt: [{ text: { [language]: '' } }], ...way, failed: nowhere }),
    exits: { next: m.flow_exit_recorded, failed: m.flow_exit_not_recorded },
  },
  condition: {
    ...{ name: m.kind_condition, hint: m.kind_condition_hint, icon: GitBranch, group: 'decide' },
    fields: [{ as: 'cases', at: 'cases' }],
    make: () => ({ cases: [{ when: 'caller.startsWith("+")', ...way }], otherwise: nowhere }),
  },
  hours: {
    ...{ name: m.kind_hours, hint: m.kind_hours_hint, icon: Clock, group: 'decide' },
    fields: [{ as: 'hours', at: 'hours' }],
    shows: ({ hours }) => hoursWords(hours),
    make: () => ({ hours: usualHours(), open: nowhere, closed: nowhere }),
  },
  split: {
    ...{ name: m.kind_split, hint: m.kind_split_hint, icon: Split, group: 'decide' },
    fields: [{ as: 'branches', at: 'branches' }],
    make: () => ({
      branches: [
        { weight: 50, ...way },
        { weight: 50, ...way },
      ],
    }),
  },
  set: {
    ...{ name: m.kind_set, hint: m.kind_set_hint, icon: Variable, group: 'decide' },
    fields: [variable, { as: 'expression', at: 'value', label: m.flow_value, hint: m.flow_value_hint }],
    shows: ({ variable: into, value }) => `${into} = ${value}`,
    make: () => ({ variable: 'value', value: '""', ...way }),
  },
  http: {
    ...{ name: m.kind_http, hint: m.kind_http_hint, icon: Webhook, group: 'decide' },
    fields: [
      { as: 'choice', at: 'method', label: m.flow_http_method, options: ['GET', 'POST', 'PUT', 'PATCH'] },
      { as: 'text', at: 'url', label: m.flow_http_url, hint: m.flow_http_url_hint },
      { as: 'long-text', at: 'body', label: m.flow_http_body },
      {
        ...{ as: 'pairs', at: 'results', label: m.flow_http_results, hint: m.flow_http_results_hint },
        ...{ names: m.flow_variable, values: m.flow_http_path },
      },
      {
        ...{ as: 'pairs', at: 'headers', label: m.flow_http_headers },
        ...{ names: m.flow_http_header, values: m.flow_value },
      },
      { as: 'number', at: 'timeoutMs', label: m.flow_timeout, unit: m.unit_milliseconds },
      { as: 'number', at: 'retries', label: m.flow_http_retries },
    ],
    shows: ({ method, url }) => `${method} ${url}`,
    make: () => ({ url: 'https://', ...way, failed: nowhere }),
    exits: { next: m.flow_exit_replied },
  },
  'sub-flow': {
    ...{ name: m.kind_sub_flow, hint: m.kind_sub_flow_hint, icon: CornerDownRight, group: 'hand-over' },
    fields: [{ as: 'flow', at: 'flow', label: m.flow_name }],
    shows: ({ flow }) => flow,
    make: () => ({ flow: '', ...way }),
    exits: { next: m.flow_exit_returned },
  },
  queue: {
    ...{ name: m.kind_queue, hint: m.kind_queue_hint, icon: Users, group: 'hand-over' },
    fields: [
      queue,
      { as: 'number', at: 'priority', label: m.entry_priority, hint: m.flow_priority_hint },
      {
        ...{ as: 'expression', at: 'preferredAgent', optional: true },
        ...{ label: m.flow_preferred_agent, hint: m.flow_preferred_agent_hint },
      },
      { as: 'after', at: 'after' },
    ],
    shows: ({ queue: name }) => name,
    make: () => ({ queue: '', refused: nowhere }),
    exits: { refused: m.flow_exit_refused, 'after.next': m.flow_exit_after },
  },
  transfer: {
    ...{ name: m.kind_transfer, hint: m.kind_transfer_hint, icon: PhoneForwarded, group: 'hand-over' },
    fields: [
      { as: 'target', at: 'to' },
      { as: 'number', at: 'ringSeconds', label: m.flow_ring_seconds, unit: m.unit_seconds },
    ],
    shows: ({ to }) => ('agent' in to ? to.agent : to.number),
    make: () => ({ to: { number: '' }, failed: nowhere }),
    exits: { failed: m.flow_exit_nobody },
  },
  callback: {
    ...{ name: m.kind_callback, hint: m.kind_callback_hint, icon: PhoneIncoming, group: 'hand-over' },
    fields: [
      queue,
      { as: 'expression', at: 'number', label: m.flow_callback_number, hint: m.flow_callback_number_hint },
    ],
    shows: ({ queue: name }) => name,
    make: () => ({ queue: '', ...way, failed: nowhere }),
    exits: { next: m.flow_exit_noted, failed: m.flow_exit_not_noted },
  },
  voicemail: {
    ...{ name: m.kind_voicemail, hint: m.kind_voicemail_hint, icon: Voicemail, group: 'hand-over' },
    fields: [{ as: 'box', at: 'box', label: m.flow_box }, prompt, maxSeconds, silence],
    shows: ({ box }) => box,
    make: () => ({ box: '', ...way, failed: nowhere }),
    exits: { next: m.flow_exit_recorded, failed: m.flow_exit_not_recorded },
  },
  return: {
    ...{ name: m.kind_return, hint: m.kind_return_hint, icon: Undo2, group: 'finish' },
    fields: [],
    make: () => ({}),
  },
  end: {
    ...{ name: m.kind_end, hint: m.kind_end_hint, icon: PhoneOff, group: 'finish' },
    fields: [prompt],
    shows: ({ prompt: said }, language) => promptWords(said, language),
    make: () => ({}),
  },
};

/** What the builder knows of a node's kind, whatever kind it is. */
export function kindOf(kind: FlowNodeKind): NodeKind<FlowNodeKind> {
  return nodeKinds[kind] as unknown as NodeKind<FlowNodeKind>;
}

export function usualHours() {
  const day = [{ from: '08:00', to: '17:00' }];
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day };
  return { timeZone, week, specialDays: [] };
}
