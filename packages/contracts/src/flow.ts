import { z } from 'zod';
import { PromptLanguage, PromptName } from './announcements.ts';
import { BusinessHours } from './hours.ts';
import { FlowId } from './ids.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';
import { QueuePriority } from './queues.ts';

/**
 * The flow document: what a caller hears and where the call goes, as a graph of typed nodes. Every path is written out, so that
 * no caller is left without one; `core/src/ivr` checks and runs it.
 */
const Name = z.string().trim().min(1).max(100);

/** A node is known by its name within the flow. */
export const FlowNodeName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, 'may hold only small letters, digits and -, and begins with a letter');
export type FlowNodeName = z.infer<typeof FlowNodeName>;

const VariableName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'may hold only letters and digits, and begins with a small letter');

/** A calculation, in the manner of CEL: `digits.startsWith("42") && caller != ""`. */
export const FlowExpression = z.string().trim().min(1).max(500);

export const FlowKey = z.string().regex(/^[0-9*#]$/, 'is not one of the keys 0 to 9, * and #');
export type FlowKey = z.infer<typeof FlowKey>;

const SpokenText = z.string().trim().min(1).max(1_000);

/** One thing that is said: text by language, a recording, or a value that is calculated when the caller hears it. */
export const FlowPromptPiece = z.union([
  z.strictObject({
    text: z
      .partialRecord(PromptLanguage, SpokenText)
      .refine((texts) => Object.keys(texts).length > 0, 'has no text; write it in one language at least'),
  }),
  z.strictObject({ recording: PromptName }),
  /** As a number, 0 to 9,999. */
  z.strictObject({ number: FlowExpression }),
  /** Sign by sign: a telephone number, a code. */
  z.strictObject({ digits: FlowExpression }),
]);
export type FlowPromptPiece = z.infer<typeof FlowPromptPiece>;

export const FlowPrompt = z.array(FlowPromptPiece).max(20);
export type FlowPrompt = z.infer<typeof FlowPrompt>;

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
    /** After the last time-out or wrong key. */
    otherwise: next,
  }),
  z.strictObject({
    ...{ kind: z.literal('collect'), ...common },
    prompt: FlowPrompt,
    invalidPrompt: FlowPrompt.default([]),
    ...{ bargeIn, timeoutSeconds, retries },
    interDigitSeconds: z.number().int().min(1).max(30).default(4),
    variable: VariableName,
    digitsMin: z.number().int().min(1).max(32).default(1),
    digitsMax: z.number().int().min(1).max(32),
    /** This key ends the input early. */
    terminator: FlowKey.nullable().default('#'),
    /** The digits stand in no log. */
    secret: z.boolean().default(false),
    next,
    otherwise: next,
  }),
  z.strictObject({ kind: z.literal('set'), ...common, variable: VariableName, value: FlowExpression, next }),
  z.strictObject({
    ...{ kind: z.literal('condition'), ...common },
    /** The first that is true. */
    cases: z
      .array(z.strictObject({ when: FlowExpression, next }))
      .min(1)
      .max(20),
    otherwise: next,
  }),
  z.strictObject({ kind: z.literal('hours'), ...common, hours: BusinessHours, open: next, closed: next }),
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
  /** Goes through another published flow and on when that returns. */
  z.strictObject({ kind: z.literal('sub-flow'), ...common, flow: Name, next }),
  z.strictObject({ kind: z.literal('return'), ...common }),
  z.strictObject({
    ...{ kind: z.literal('queue'), ...common },
    queue: Name,
    priority: QueuePriority.default(0),
    /** The queue does not take the call: full, closed, gone. */
    refused: next,
  }),
  z.strictObject({ kind: z.literal('end'), ...common, prompt: FlowPrompt.default([]) }),
]);
export type FlowNode = z.infer<typeof FlowNode>;
export type FlowNodeKind = FlowNode['kind'];
export type FlowNodeOf<Kind extends FlowNodeKind> = Extract<FlowNode, { kind: Kind }>;

export const flowNodesMax = 500;

export const FlowDocument = z
  .strictObject({
    name: Name,
    description: z.string().trim().max(1_000).default(''),
    language: PromptLanguage.default('en'),
    start: FlowNodeName,
    nodes: z
      .record(FlowNodeName, FlowNode)
      .refine((nodes) => Object.keys(nodes).length <= flowNodesMax, `has more than ${flowNodesMax} nodes`),
  })
  .meta({ id: 'FlowDocument' });
export type FlowDocument = z.infer<typeof FlowDocument>;
export type FlowDocumentInput = z.input<typeof FlowDocument>;

/** What callers meet is the published version; the draft is worked on meanwhile. */
export const Flow = z
  .object({
    id: FlowId,
    name: z.string(),
    /** Archived flows answer no number and are kept for their history. */
    state: z.enum(['draft', 'published', 'archived']),
    /** Of the published one; null before the first publication. */
    version: z.number().int().nullable(),
    /** The draft differs from what is published. */
    hasChanges: z.boolean(),
    draft: FlowDocument,
    /** What keeps the draft from being published. */
    faults: z.array(z.object({ path: z.string(), message: z.string(), remedy: z.string() })),
  })
  .meta({ id: 'Flow' });
export type Flow = z.infer<typeof Flow>;
export const FlowPage = pageOf(Flow);

export const FlowQuery = PageQuery.extend({ search: SearchText.optional() });

export const FlowVersion = z
  .object({ version: z.number().int(), publishedAt: z.iso.datetime(), document: FlowDocument })
  .meta({ id: 'FlowVersion' });
export type FlowVersion = z.infer<typeof FlowVersion>;
export const FlowVersionList = z.object({ items: z.array(FlowVersion) });

/** A sample call: what the caller does, one after the other. */
export const FlowTestInput = z.strictObject({
  callerPhone: z.string().max(64).default('+420555000111'),
  number: z.string().max(64).default('700'),
  at: z.iso.datetime({ offset: true }).optional(),
  /** Keys, or `wait` for what is said and for a time-out, or `refused` for the queue. */
  inputs: z.array(z.union([FlowKey, z.enum(['wait', 'refused'])])).max(200),
});

export const FlowTestResult = z
  .object({
    /** In order: what the caller hears, and the nodes gone through. */
    trace: z.array(
      z.union([
        z.object({ type: z.literal('heard'), text: z.string(), language: PromptLanguage }),
        z.object({ type: z.literal('passed'), flow: z.string(), node: z.string(), exit: z.string() }),
        z.object({ type: z.literal('queue'), queue: z.string() }),
        z.object({ type: z.literal('ended'), reason: z.string() }),
      ]),
    ),
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'FlowTestResult' });
export type FlowTestResult = z.infer<typeof FlowTestResult>;
