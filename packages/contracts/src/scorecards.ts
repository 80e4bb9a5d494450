import { z } from 'zod';
import { ScorecardId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf } from './pages.ts';

const Key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is no word of small letters, digits and hyphens');
/** Parts of a hundred are usual, but any whole numbers do: only their proportion counts. 0 counts for nothing. */
const Weight = z.number().int().min(0).max(100);

const question = {
  /** Names the question within its form, in every version of it. */
  id: Key,
  text: z.string().trim().min(1).max(300),
  /** For the person who judges: what good looks like. */
  help: z.string().trim().max(500).default(''),
  weight: Weight.default(10),
  /** Failed (0 points), it makes the whole score 0. */
  fatal: z.boolean().default(false),
  /** Whether it may be answered with "not applicable", which leaves it out of the score. */
  notApplicable: z.boolean().default(false),
};

export const ScorecardOption = z.strictObject({
  id: Key,
  label: z.string().trim().min(1).max(100),
  points: z.number().min(0).max(100),
});
export type ScorecardOption = z.infer<typeof ScorecardOption>;

/** `points`: 0–100 as given. `yes-no`: yes is 100. `choice`: what its options say. */
export const ScorecardQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ ...question, kind: z.literal('points') }),
  z.strictObject({ ...question, kind: z.literal('yes-no') }),
  z.strictObject({
    ...question,
    kind: z.literal('choice'),
    options: z.array(ScorecardOption).min(2).max(20),
  }),
]);
export type ScorecardQuestion = z.infer<typeof ScorecardQuestion>;

export const ScorecardGroup = z.strictObject({
  name: z.string().trim().min(1).max(100),
  weight: Weight.default(10),
  questions: z.array(ScorecardQuestion).min(1).max(50),
});
export type ScorecardGroup = z.infer<typeof ScorecardGroup>;

const groups = z.array(ScorecardGroup).min(1).max(20);

/** A form by which conversations are judged. */
export const ScorecardInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  note: z.string().trim().max(500).default(''),
  /** Only active forms are offered; what was judged by another one stays. */
  active: z.boolean().default(true),
  groups,
});
export type ScorecardInput = z.input<typeof ScorecardInput>;

export const Scorecard = z
  .object({
    id: ScorecardId,
    name: z.string(),
    note: z.string(),
    active: z.boolean(),
    groups: z.array(ScorecardGroup),
    /** Counts from 1; changed groups are a new version. Evaluations keep the version that they were begun with. */
    version: z.number().int(),
    /** When this version was made. */
    versionAt: Instant,
    /** How many evaluations were begun with any version. */
    evaluations: z.number().int(),
  })
  .meta({ id: 'Scorecard' });
export type Scorecard = z.infer<typeof Scorecard>;
export const ScorecardPage = pageOf(Scorecard);
