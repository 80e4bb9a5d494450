import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowNode, FlowNodeName } from './flow-nodes.ts';
import { FlowKey } from './flow-prompts.ts';
import { FlowId } from './ids.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

/**
 * The flow document: what a caller hears and where the call goes, as a graph of typed nodes. Every path is written out, so that
 * no caller is left without one; `core/src/ivr` checks and runs it.
 */
const Name = z.string().trim().min(1).max(100);

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
export const FlowVersionList = pageOf(FlowVersion);

/** A sample call: what the caller does, one after the other. */
export const FlowTestInput = z.strictObject({
  callerPhone: z.string().max(64).default('+420555000111'),
  number: z.string().max(64).default('700'),
  at: z.iso.datetime({ offset: true }).optional(),
  /**
   * Keys, or `wait` for what is said and for a time-out, `refused` for the queue, `returned` for a wait in it that is too long, and `done`
   * or `failed` for what the flow waits for: an answer, a recording, a transfer. `says` is what the caller speaks.
   */
  inputs: z
    .array(
      z.union([
        FlowKey,
        z.enum(['wait', 'refused', 'returned', 'done', 'failed']),
        z.strictObject({ says: z.string().trim().min(1).max(200) }),
      ]),
    )
    .max(200),
});

export const FlowTestResult = z
  .object({
    /** In order: what the caller hears, and the nodes gone through. */
    trace: z.array(
      z.union([
        z.object({ type: z.literal('heard'), text: z.string(), language: PromptLanguage }),
        z.object({ type: z.literal('passed'), flow: z.string(), node: z.string(), exit: z.string() }),
        z.object({ type: z.literal('queue'), queue: z.string() }),
        /** What the flow asks to be done and waits for, in words: `http GET https://…`, `transfer alice`. */
        z.object({ type: z.literal('asked'), what: z.string() }),
        z.object({ type: z.literal('ended'), reason: z.string() }),
      ]),
    ),
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'FlowTestResult' });
export type FlowTestResult = z.infer<typeof FlowTestResult>;
