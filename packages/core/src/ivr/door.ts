import type {
  EpochMs,
  FlowNode,
  FlowNodeName,
  FlowNodeOf,
  FlowTransferTarget,
  PromptLanguage,
  SpokenAnswer,
} from '@crosspoint/contracts';
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
  | 'speech-key'
  | 'speech-twice'
  | 'speech-percent'
  | 'score-range'
  | 'built-in'
  | 'no-queue'
  | 'no-agent'
  | 'no-voicemail-box'
  | 'no-calendar'
  | 'no-recording'
  | 'body-with-get'
  | 'body-not-json'
  | 'no-time-zone'
  | 'no-such-day'
  | 'day-twice'
  | 'no-flow'
  | 'flow-circle';

/** What is wrong with a flow, where (a dotted path into the document), and what to do. */
export interface FlowFault {
  path: string;
  code: FlowFaultCode;
  message: string;
  remedy: string;
}

/**
 * A node of the product's own documents, which nobody writes: asks the shell for a service. What the service answers names the way;
 * the variables that it sets and what it says before the next words are its own affair.
 */
export interface ServiceNode {
  kind: 'service';
  service: string;
  /** Told to the service beside the variables. */
  given?: Readonly<Record<string, FlowValue>>;
  ways: Readonly<Record<string, FlowNodeName>>;
  failed: FlowNodeName;
  /** How long it may take at most, where it takes longer than an answer from memory or the database. */
  maxMs?: number;
}

/** Of the product's own documents as well: calls the number that a variable holds. With success the flow is over. */
export interface CallNode {
  kind: 'call';
  variable: string;
  ringSeconds: number;
  failed: FlowNodeName;
}

/** What a session can run: a flow that somebody has drawn, or a document of the product itself. */
export interface RunnableFlow {
  name: string;
  language: PromptLanguage;
  start: FlowNodeName;
  nodes: Readonly<Record<FlowNodeName, FlowNode | ServiceNode | CallNode>>;
}

/** In which a session keeps what its caller recorded last; no drawn flow can write this name. */
export const recordedVariable = '$recording';

/** One thing to be said. A text is in the language that it carries, which differs where no translation is written. */
export type Utterance =
  | { kind: 'text'; text: string; language: PromptLanguage }
  | { kind: 'sentence'; sentence: Sentence; language: PromptLanguage }
  /** A file that a service has found. */
  | { kind: 'sound'; path: string; language: PromptLanguage };

/** What is to be listened for. */
export interface Hearing {
  readonly language: PromptLanguage;
  /** Everything that is expected. A recogniser may recognise more, as words. */
  readonly phrases: readonly string[];
  /** Whether several are said one after the other, as the digits of a number are. */
  readonly repeats: boolean;
  /** What is said is over after so much silence. */
  readonly silenceMs: number;
  /** Whoever speaks for longer is not listened to any further. */
  readonly maxMs: number;
}

export interface FlowCaller {
  /** The caller's number; empty when it is withheld. */
  callerPhone: string;
  callerName: string;
  /** The number dialled. */
  number: string;
  /** The segments of customers in which the caller is; absent: none. */
  segments?: readonly string[];
  /** Of this call. It shares out callers whose number is withheld, who would all go one way otherwise. */
  callId?: string;
}

/** What a flow asks of the shell and waits for; `request.done` answers. */
export type FlowRequest =
  | ({ kind: 'http'; url: string; body: string | undefined } & Pick<
      FlowNodeOf<'http'>,
      'method' | 'headers' | 'timeoutMs' | 'retries' | 'results'
    >)
  /** To an agent or a number. With success the flow is over. */
  | { kind: 'transfer'; to: FlowTransferTarget; ringMs: number }
  /** A tone, then what the caller says, until a silence, the longest time or `request.stop`. */
  | { kind: 'record'; maxMs: number; silenceMs: number }
  /** The same as a message in that box. `greets`: the box's own greeting is heard before. */
  | { kind: 'voicemail'; box: string; greets: boolean; maxMs: number; silenceMs: number }
  /** A call of the queue to that number, noted now. */
  | { kind: 'callback'; queue: string; number: string }
  | {
      kind: 'service';
      service: string;
      values: Readonly<Record<string, FlowValue>>;
      maxMs?: number | undefined;
    };

export type FlowInput =
  | { type: 'started'; caller: FlowCaller }
  | { type: 'digit'; digit: string }
  /** What was to be said is over, or could not be said. */
  | { type: 'said' }
  | { type: 'timer.due' }
  /** To what `listen` with that id asked for: the caller begins to speak. */
  | { type: 'speech.began'; id: number }
  /** What was said is over and recognised; empty when nothing was. The listening is over. */
  | { type: 'speech.heard'; id: number; text: string; confidence: number }
  /** Nobody understands speech now; `reason` is a stable code. The listening is over. */
  | { type: 'speech.failed'; id: number; reason: string }
  /** The queue to which the caller was sent did not take the call. */
  | { type: 'queue.refused'; reason: string }
  /** The caller has a place in the queue. */
  | { type: 'queue.entered' }
  /** The caller was taken out of the queue, as `queue.leave` asked. */
  | { type: 'queue.returned' }
  /**
   * `values`: variables that came of it. `reason` is a stable code such as `timeout`; empty with success, except of a service, whose
   * way it names. `says`: what a service wants to be heard before whatever is said next.
   */
  | {
      type: 'request.done';
      id: number;
      result: 'done' | 'failed';
      reason: string;
      values: Readonly<Record<string, FlowValue>>;
      says?: readonly Utterance[];
    }
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
  /** Why it failed or was refused, as a stable code; absent when it was neither. */
  reason?: string;
  /** What was recognised of what the caller said, attempt by attempt; absent when nothing was listened for or nothing came. */
  spoken?: SpokenAnswer[];
}

export type FlowEffect =
  /** Instead of what is said now; `said` follows when it is over. */
  | { type: 'say'; utterances: Utterance[] }
  /** Nothing is said any more; no `said` follows. */
  | { type: 'hush' }
  /** To one utterance of the caller, also while something is said; replaces what was listened for. */
  | { type: 'listen'; id: number; hearing: Hearing }
  | { type: 'listen.end' }
  /** There is one timer; set again it replaces the former. */
  | { type: 'timer.set'; at: EpochMs }
  | { type: 'timer.cleared' }
  | { type: 'passed'; step: FlowStep }
  /** To the queue; `queue.entered`, `queue.refused` or `left` answers. */
  | { type: 'queue'; queue: string; priority: number; preferredAgent?: string }
  /** Out of the queue again, unless somebody has the caller; `queue.returned` or `left` answers. */
  | { type: 'queue.leave' }
  | { type: 'request'; id: number; request: FlowRequest }
  /** A key ends what is recorded; `request.done` still follows. */
  | { type: 'request.stop'; id: number }
  /** An answer to a question of a survey. */
  | { type: 'scored'; flow: string; question: string; score: number }
  /** The flow is over; the caller is hung up when `hangUp`. */
  | { type: 'ended'; reason: string; hangUp: boolean };

/** A run of one flow. */
export interface FlowSession {
  /** Deterministic; input that does not fit is ignored. */
  handle(input: FlowInput, now: EpochMs): FlowEffect[];
  readonly isOver: boolean;
  /** The node at which the caller is, of the flow that runs now; undefined before the first and after the last. */
  readonly at: FlowNodeName | undefined;
  /** The flow that runs now, by its name. */
  readonly flow: string | undefined;
  readonly variables: ReadonlyMap<string, FlowValue>;
}
