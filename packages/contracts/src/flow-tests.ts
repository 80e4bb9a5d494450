import { z } from 'zod';
import { FlowDocument } from './flow.ts';
import { FlowNodeName, FlowVariableName } from './flow-nodes.ts';
import { SpokenAnswer } from './flow-speech.ts';
import { BusinessHours } from './hours.ts';
import { ContactId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery } from './pages.ts';

/** Tests of flows as documents: what the caller does and hears, and where the call goes. `crosspoint test` runs them. */
const Name = z.string().trim().min(1).max(200);
const Value = z.union([z.string().max(1_000), z.number(), z.boolean()]);

export const FlowTestStep = z.union([
  /** What is said now, or was said since the step before, contains this text. */
  z.strictObject({ hears: z.string().trim().min(1).max(1_000) }),
  /** Hears everything to its end: where `bargeIn` is off, keys count from then on. */
  z.strictObject({ hearsAll: z.literal(true) }),
  z.strictObject({ keys: z.string().regex(/^[0-9*#]{1,32}$/, 'holds something else than keys') }),
  /** Speaks; `percent` is how sure the recognition is. */
  z.strictObject({
    says: z.string().trim().min(1).max(200),
    percent: z.number().int().min(0).max(100).default(100),
  }),
  /** Hears everything to its end and then keys nothing until the time is over. */
  z.strictObject({ waits: z.literal(true) }),
  /** The caller hangs up. */
  z.strictObject({ hangsUp: z.literal(true) }),
  /** The queue does not take the call, for this reason. */
  z.strictObject({ refused: z.string().trim().min(1).max(64) }),
  /** The queue keeps the caller waiting for longer than the flow allows. */
  z.strictObject({ returns: z.literal(true) }),
  /** What the flow asked for came about; of a look-up with these variables. */
  z.strictObject({ succeeds: z.record(FlowVariableName, Value) }),
  /** What the flow asked for did not come about, or, where it listens, nobody understands speech. */
  z.strictObject({ fails: z.string().trim().min(1).max(64) }),
]);
export type FlowTestStep = z.infer<typeof FlowTestStep>;

export const FlowTestCase = z.strictObject({
  name: Name,
  flow: Name,
  given: z
    .strictObject({
      caller: z.string().max(64).default('+420555000111'),
      callerName: z.string().max(100).default(''),
      dialled: z.string().max(64).default('700'),
      at: Instant.default('2026-01-05T10:00:00Z'),
    })
    .prefault({}),
  steps: z.array(FlowTestStep).max(200).default([]),
  /** Everything that is left out may be as it is. */
  expect: z
    .strictObject({
      queue: Name.optional(),
      /** The nodes gone through, as `node` or `node:exit`, in order and in full. */
      path: z
        .array(z.string().regex(/^[a-z][a-z0-9-]{0,47}(:[a-z0-9-]{1,60})?$/, 'is no node or node:exit'))
        .optional(),
      /** Whether the flow is over. */
      ends: z.boolean().optional(),
      variables: z.record(FlowVariableName, Value).optional(),
      /** Where the caller is now. */
      at: FlowNodeName.optional(),
    })
    .prefault({}),
});
export type FlowTestCase = z.infer<typeof FlowTestCase>;
export type FlowTestCaseInput = z.input<typeof FlowTestCase>;

/** One of the tests that are kept with a flow, all of that flow. */
export const KeptFlowTest = FlowTestCase.omit({ flow: true });
export type KeptFlowTest = z.infer<typeof KeptFlowTest>;
export const FlowTests = z.strictObject({ tests: z.array(KeptFlowTest).max(200) }).meta({ id: 'FlowTests' });
export type FlowTests = z.infer<typeof FlowTests>;

/** A flow as documents of several write it; without `tests`, those that are kept with it stay as they are. */
export const FlowWithTests = FlowDocument.extend({ tests: FlowTests.shape.tests.optional() });
export type FlowWithTests = z.infer<typeof FlowWithTests>;

/** A file of tests; the flows they try stand in it, with tests of their own or without, or in the centre. */
export const FlowTestDocument = z
  .strictObject({
    flows: z.array(FlowWithTests).max(500).default([]),
    /** Calendars that the flows name. */
    calendars: z.record(Name, BusinessHours).default({}),
    tests: z.array(FlowTestCase).max(1_000).default([]),
  })
  .refine(
    ({ flows, tests }) => tests.length > 0 || flows.some(({ tests: kept = [] }) => kept.length > 0),
    'holds no test',
  );
export type FlowTestDocument = z.infer<typeof FlowTestDocument>;

export const FlowTestReport = z
  .object({
    passed: z.number().int(),
    failed: z.number().int(),
    tests: z.array(
      z.object({
        name: z.string(),
        flow: z.string(),
        /** Empty: it passed. */
        failures: z.array(z.string()),
        /** What the caller heard and where the call went, for whoever looks for the reason. */
        trace: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'FlowTestReport' });
export type FlowTestReport = z.infer<typeof FlowTestReport>;

/** One node gone through by one contact. */
export const FlowLogEntry = z
  .object({
    contactId: ContactId,
    at: Instant,
    flow: z.string(),
    node: z.string(),
    kind: z.string(),
    exit: z.string(),
    input: z.string(),
    /** Why it failed or was refused, as a stable code; empty when it was neither. */
    reason: z.string(),
    /** What was recognised of what the caller said, attempt by attempt; without texts where the node is secret. */
    spoken: z.array(SpokenAnswer),
    durationMs: z.number(),
  })
  .meta({ id: 'FlowLogEntry' });
export type FlowLogEntry = z.infer<typeof FlowLogEntry>;
export const FlowLogPage = pageOf(FlowLogEntry);
export const FlowLogQuery = PageQuery.extend({
  from: Instant.optional(),
  to: Instant.optional(),
  flow: Name.optional(),
  node: z.string().max(64).optional(),
  exit: z.string().max(64).optional(),
  contactId: ContactId.optional(),
});

/** How callers went through one flow. */
export const FlowAnalytics = z
  .object({
    from: Instant,
    to: Instant,
    flow: z.string(),
    started: z.number().int(),
    /** Of all that started, who did not hang up on the way: 0 to 1, null without any. */
    completionRate: z.number().nullable(),
    nodes: z.array(
      z.object({
        node: z.string(),
        kind: z.string(),
        entries: z.number().int(),
        /** Callers who hung up here. */
        dropOffs: z.number().int(),
        /** Went on because they keyed nothing or something wrong too often. */
        givenUp: z.number().int(),
        averageMs: z.number(),
        exits: z.array(z.object({ exit: z.string(), count: z.number().int() })),
      }),
    ),
    surveys: z.array(
      z.object({
        question: z.string(),
        answers: z.number().int(),
        average: z.number(),
        /** How often each score was given. */
        scores: z.record(z.string(), z.number().int()),
      }),
    ),
  })
  .meta({ id: 'FlowAnalytics' });
export type FlowAnalytics = z.infer<typeof FlowAnalytics>;

/** A flow to start from. */
export const FlowTemplate = z
  .object({ id: z.string(), name: z.string(), description: z.string(), document: FlowDocument })
  .meta({ id: 'FlowTemplate' });
export type FlowTemplate = z.infer<typeof FlowTemplate>;
export const FlowTemplateList = pageOf(FlowTemplate);

/** What is wrong with one node by itself. */
export const FlowNodeCheck = z
  .object({
    faults: z.array(
      z.object({ path: z.string(), code: z.string(), message: z.string(), remedy: z.string() }),
    ),
  })
  .meta({ id: 'FlowNodeCheck' });

/** A document in canonical form. */
export const FlowExportQuery = z.object({
  format: z.enum(['json', 'yaml']).default('json'),
  /** The draft without one. */
  version: z.coerce.number().int().min(1).optional(),
});
