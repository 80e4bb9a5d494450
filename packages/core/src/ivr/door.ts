import type { EpochMs, FlowNodeName, PromptLanguage } from '@crosspoint/contracts';
import type { Sentence } from '../prompts/index.ts';
import type { FlowValue } from './expression.ts';

/** What can be wrong with a flow whose form is right, for whoever puts it in another language. */
export type FlowFaultCode =
  | 'no-start'
  | 'leads-nowhere'
  | 'unreached'
  | 'endless'
  | 'expression'
  | 'digits-min'
  | 'built-in'
  | 'no-queue'
  | 'no-time-zone'
  | 'no-flow'
  | 'flow-circle';

/** What is wrong with a flow, where (a dotted path into the document), and what to do. */
export interface FlowFault {
  path: string;
  code: FlowFaultCode;
  message: string;
  remedy: string;
}

/** One thing to be said. A text is in the language that it carries, which differs where no translation is written. */
export type Utterance =
  | { kind: 'text'; text: string; language: PromptLanguage }
  | { kind: 'sentence'; sentence: Sentence; language: PromptLanguage };

export interface FlowCaller {
  /** The caller's number; empty when it is withheld. */
  callerPhone: string;
  callerName: string;
  /** The number dialled. */
  number: string;
}

export type FlowInput =
  | { type: 'started'; caller: FlowCaller }
  | { type: 'digit'; digit: string }
  /** What was to be said is over, or could not be said. */
  | { type: 'said' }
  | { type: 'timer.due' }
  /** The queue to which the caller was sent did not take the call. */
  | { type: 'queue.refused'; reason: string }
  /** The caller is gone, or somebody talks with the caller: the flow is over. */
  | { type: 'left'; reason: string };

/** How a node was gone through. */
export interface FlowStep {
  flow: string;
  node: FlowNodeName;
  kind: string;
  /** By which way: `next`, `otherwise`, `key-1`, `case-2`, `branch-1`, `open` … */
  exit: string;
  /** What the caller keyed; empty when that is secret. */
  input: string;
  durationMs: number;
}

export type FlowEffect =
  /** Instead of what is said now; `said` follows when it is over. */
  | { type: 'say'; utterances: Utterance[] }
  /** Nothing is said any more; no `said` follows. */
  | { type: 'hush' }
  /** There is one timer; set again it replaces the former. */
  | { type: 'timer.set'; at: EpochMs }
  | { type: 'timer.cleared' }
  | { type: 'passed'; step: FlowStep }
  /** To the queue; `queue.refused` or `left` answers. */
  | { type: 'queue'; queue: string; priority: number }
  /** The flow is over; the caller is hung up when `hangUp`. */
  | { type: 'ended'; reason: string; hangUp: boolean };

/** A run of one flow. */
export interface FlowSession {
  /** Deterministic; input that does not fit is ignored. */
  handle(input: FlowInput, now: EpochMs): FlowEffect[];
  readonly isOver: boolean;
  readonly variables: ReadonlyMap<string, FlowValue>;
}
