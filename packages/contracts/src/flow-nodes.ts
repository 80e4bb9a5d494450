import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';
import { FlowExpression, FlowKey, FlowPrompt } from './flow-prompts.ts';
import { DigitSpeech, MenuSpeech } from './flow-speech.ts';
import { BusinessHours } from './hours.ts';
import { NumberToCall } from './numbers.ts';
import { QueuePriority } from './queues.ts';
import { Username } from './users.ts';

/** The nodes of a flow, one shape for each kind. Every way out of a node is written in it. */
const Name = z.string().trim().min(1).max(100);

/** A node is known by its name within the flow. */
export const FlowNodeName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, 'may hold only small letters, digits and -, and begins with a letter')
  // Every object has something of this name, so that a way to a node that is not there would seem to lead somewhere.
  .regex(/^(?!constructor$)/, 'cannot be "constructor"');
export type FlowNodeName = z.infer<typeof FlowNodeName>;

export const FlowVariableName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'may hold only letters and digits, and begins with a small letter')
  // Expressions read these as what they say; what a flow sets under such a name would never be found again.
  .regex(/^(?!(?:true|false)$)/, 'cannot be "true" or "false"');

/** Hours written out, or a calendar that several share, by its name. */
export const FlowHours = z.union([BusinessHours, z.strictObject({ calendar: Name })]);
export type FlowHours = z.infer<typeof FlowHours>;

/** Whom a flow sends the caller to, other than a queue. */
export const FlowTransferTarget = z.union([
  z.strictObject({ agent: Username }),
  z.strictObject({ number: NumberToCall }),
]);
export type FlowTransferTarget = z.infer<typeof FlowTransferTarget>;

const common = {
  /** For people. */
  note: z.string().trim().max(500).optional(),
  /** Where the builder draws it. */
  position: z.strictObject({ x: z.number().int(), y: z.number().int() }).optional(),
};
const next = FlowNodeName;
const timeoutSeconds = z.number().int().min(1).max(60).default(6);
const retries = z.number().int().min(0).max(9).default(2);
const bargeIn = z.boolean().default(true);
/** A recording of the caller ends after this time, after this much silence, or by a key. */
const maxSeconds = z.number().int().min(1).max(600).default(120);
const silenceSeconds = z.number().int().min(1).max(30).default(4);

export const FlowNode = z.discriminatedUnion('kind', [
  /** Says something. A key ends it when `bargeIn`, and counts for the next question. */
  z.strictObject({ kind: z.literal('say'), ...common, prompt: FlowPrompt.min(1), bargeIn, next }),
  /** Plays one recording. */
  z.strictObject({ kind: z.literal('play'), ...common, recording: PromptName, bargeIn, next }),
  z.strictObject({
    ...{ kind: z.literal('menu'), ...common },
    prompt: FlowPrompt,
    /** Said before the question is asked again. */
    invalidPrompt: FlowPrompt.default([]),
    timeoutPrompt: FlowPrompt.default([]),
    ...{ bargeIn, timeoutSeconds, retries },
    keys: z.partialRecord(FlowKey, next).refine((keys) => Object.keys(keys).length > 0, 'offers no key'),
    /** Words that stand for its keys. */
    speech: MenuSpeech.optional(),
    /** After the last time-out or wrong key. */
    otherwise: next,
  }),
  z.strictObject({
    ...{ kind: z.literal('collect'), ...common },
    prompt: FlowPrompt,
    invalidPrompt: FlowPrompt.default([]),
    ...{ bargeIn, timeoutSeconds, retries },
    interDigitSeconds: z.number().int().min(1).max(30).default(4),
    variable: FlowVariableName,
    digitsMin: z.number().int().min(1).max(32).default(1),
    digitsMax: z.number().int().min(1).max(32),
    /** This key ends the input early. */
    terminator: FlowKey.nullable().default('#'),
    /** The digits stand in no log. */
    secret: z.boolean().default(false),
    /** The digits may be spoken. */
    speech: DigitSpeech.optional(),
    next,
    otherwise: next,
  }),
  /** One question of a survey, answered by a key from `min` to `max`; the answers are counted by question. */
  z.strictObject({
    ...{ kind: z.literal('survey'), ...common },
    /** By which the answers of all callers are found. */
    question: Name,
    prompt: FlowPrompt,
    invalidPrompt: FlowPrompt.default([]),
    ...{ bargeIn, timeoutSeconds, retries },
    min: z.number().int().min(0).max(8).default(1),
    max: z.number().int().min(1).max(9).default(5),
    next,
    /** No answer. */
    otherwise: next,
  }),
  z.strictObject({
    kind: z.literal('set'),
    ...common,
    variable: FlowVariableName,
    value: FlowExpression,
    next,
  }),
  z.strictObject({
    ...{ kind: z.literal('condition'), ...common },
    /** The first that is true. */
    cases: z
      .array(z.strictObject({ when: FlowExpression, next }))
      .min(1)
      .max(20),
    otherwise: next,
  }),
  z.strictObject({ kind: z.literal('hours'), ...common, hours: FlowHours, open: next, closed: next }),
  /** Without choices it sets the language; with them the caller chooses by key. */
  z.strictObject({
    ...{ kind: z.literal('language'), ...common },
    prompt: FlowPrompt.default([]),
    ...{ bargeIn, timeoutSeconds, retries },
    choices: z.partialRecord(FlowKey, PromptLanguage).default({}),
    otherwise: PromptLanguage,
    next,
  }),
  /** Callers are shared out by weight; the same number always goes the same way. */
  z.strictObject({
    ...{ kind: z.literal('split'), ...common },
    branches: z
      .array(z.strictObject({ weight: z.number().int().min(1).max(1_000), next }))
      .min(2)
      .max(10),
  }),
  /**
   * Asks another computer. In `url` and `body`, `{name}` stands for the value of a variable, written so that it can be nothing but a
   * value there. Addresses inside the house are refused unless the server's settings allow them.
   */
  z.strictObject({
    ...{ kind: z.literal('http'), ...common },
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH']).default('GET'),
    url: z
      .string()
      .trim()
      .max(2_000)
      .regex(
        /^https?:\/\/[^\s/{}\\@?#]+([/?][^\s\\]*)?$/,
        'is not a web address such as https://crm.example.com/callers/{caller}',
      ),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is not the name of a header'),
        z
          .string()
          .max(1_000)
          .regex(/^[\t\x20-\x7e]*$/, 'may hold only printable ASCII characters'),
      )
      .refine((headers) => Object.keys(headers).length <= 20, 'has more than 20 headers')
      .default({}),
    /** JSON. */
    body: z.string().max(10_000).optional(),
    /** Of each attempt, the whole answer included. */
    timeoutMs: z.number().int().min(100).max(10_000).default(3_000),
    /** After a failure of the connection, a time-out, or a status of 429 or 5xx. */
    retries: z.number().int().min(0).max(3).default(1),
    /** Variables from the JSON answer, each by its path: `customer.orders.0.state`. What is not there is empty. */
    results: z
      .record(
        FlowVariableName,
        z.string().regex(/^[^.\s]{1,100}(\.[^.\s]{1,100}){0,9}$/, 'is not a path such as customer.name'),
      )
      .refine((results) => Object.keys(results).length <= 20, 'takes more than 20 values')
      .default({}),
    next,
    /** No answer in time, a status other than 2xx, or no JSON; why stands in the variable `failure`. */
    failed: next,
  }),
  /** Goes through another published flow and on when that returns. */
  z.strictObject({ kind: z.literal('sub-flow'), ...common, flow: Name, next }),
  z.strictObject({ kind: z.literal('return'), ...common }),
  z.strictObject({
    ...{ kind: z.literal('queue'), ...common },
    queue: Name,
    priority: QueuePriority.default(0),
    /** The username of whom the queue asks alone first where its `sticky.mode` is `preferred`: `"alice"`, or what a look-up found. */
    preferredAgent: FlowExpression.optional(),
    /** The queue does not take the call: full, closed, gone. */
    refused: next,
    /** A caller still waiting after this time comes back into the flow, and loses the place in the queue. */
    after: z.strictObject({ seconds: z.number().int().min(15).max(7_200), next }).optional(),
  }),
  /** The call goes to one agent or to a number outside. With success the flow is over. */
  z.strictObject({
    ...{ kind: z.literal('transfer'), ...common },
    to: FlowTransferTarget,
    ringSeconds: z.number().int().min(5).max(120).default(25),
    /** Nobody came; why stands in the variable `failure`. */
    failed: next,
  }),
  /** The caller leaves a message. */
  z.strictObject({
    ...{ kind: z.literal('voicemail'), ...common },
    box: Name,
    /** Without one the box's own greeting is heard. */
    prompt: FlowPrompt.default([]),
    maxSeconds,
    silenceSeconds,
    next,
    /** No message: nothing was said, or it could not be kept. */
    failed: next,
  }),
  /** Notes that the caller is to be called back by the queue, without waiting in it now. */
  z.strictObject({
    ...{ kind: z.literal('callback'), ...common },
    queue: Name,
    /** Of the number to call. */
    number: FlowExpression.default('caller'),
    next,
    /** No number that can be called, or one that is noted already; why stands in the variable `failure`. */
    failed: next,
  }),
  /** Records what the caller says; it is kept with the contact. */
  z.strictObject({
    ...{ kind: z.literal('record'), ...common },
    prompt: FlowPrompt,
    maxSeconds,
    silenceSeconds,
    next,
    /** Nothing was said, or it could not be kept. */
    failed: next,
  }),
  z.strictObject({ kind: z.literal('end'), ...common, prompt: FlowPrompt.default([]) }),
]);
export type FlowNode = z.infer<typeof FlowNode>;
export type FlowNodeInput = z.input<typeof FlowNode>;
export type FlowNodeKind = FlowNode['kind'];
export type FlowNodeOf<Kind extends FlowNodeKind> = Extract<FlowNode, { kind: Kind }>;
