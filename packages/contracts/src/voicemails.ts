import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowPrompt } from './flow-prompts.ts';
import { ContactId, RecordingId, VoicemailBoxId, VoicemailId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';
import { Username } from './users.ts';

export const VoicemailBoxName = z.string().trim().min(1).max(100);

/** Where callers leave messages; queues, flows and rules name it by its name. */
export const VoicemailBoxInput = z.strictObject({
  name: VoicemailBoxName,
  /** Heard before the tone; without one the caller hears the tone alone. */
  greeting: FlowPrompt.default([]),
  language: PromptLanguage.default('en'),
  /** The longest message. */
  maxSeconds: z.number().int().min(5).max(600).default(120),
  /** So much silence ends a message. */
  silenceSeconds: z.number().int().min(2).max(30).default(5),
  /** By which it is opened by telephone from elsewhere than an agent's own; unique. */
  number: z
    .string()
    .regex(/^\d{1,10}$/, 'may hold only digits, at most ten')
    .nullable()
    .default(null),
  /** User names of the agents who hear what is left here, and whose telephones show by a lamp that messages wait. */
  agents: z.array(Username).max(200).default([]),
});
export type VoicemailBoxInput = z.input<typeof VoicemailBoxInput>;
export type VoicemailBoxSettings = z.output<typeof VoicemailBoxInput>;

export const VoicemailBox = z
  .object({
    id: VoicemailBoxId,
    ...VoicemailBoxInput.shape,
    /** Messages nobody has heard yet, and all of them; those in the archive are not counted. */
    unheard: z.number().int(),
    messages: z.number().int(),
    /** Whether it can be opened by telephone. */
    hasPin: z.boolean(),
  })
  .meta({ id: 'VoicemailBox' });
export type VoicemailBox = z.infer<typeof VoicemailBox>;
export const VoicemailBoxPage = pageOf(VoicemailBox);

export const VoicemailBoxQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

/** What whoever hears messages needs to know of all boxes: to which ones they can be sent on, and where boxes are opened by telephone. */
export const VoicemailDirectory = z
  .object({
    boxes: z.array(z.object({ id: VoicemailBoxId, name: z.string() })),
    /** Numbers to call; none when nobody has set one up. */
    numbers: z.array(z.string()),
  })
  .meta({ id: 'VoicemailDirectory' });
export type VoicemailDirectory = z.infer<typeof VoicemailDirectory>;

/** A message that a caller left. Its sound is that of its recording. */
export const Voicemail = z
  .object({
    id: VoicemailId,
    boxId: VoicemailBoxId,
    box: z.string(),
    contactId: ContactId,
    recordingId: RecordingId,
    /** The number that was called, and who called. */
    number: z.string(),
    callerPhone: z.string(),
    callerName: z.string(),
    at: Instant,
    durationSeconds: z.number().nonnegative(),
    heard: z.boolean(),
    heardAt: Instant.nullable(),
    /** Who marked it as heard; null when nobody has, or that user is gone. */
    heardBy: z.string().nullable(),
    archived: z.boolean(),
    archivedAt: Instant.nullable(),
    /** What somebody wrote who sent it on. */
    note: z.string(),
    /** The box from which it was sent on, and by whom; null when it was left here, or that user is gone. */
    forwardedFrom: z.string().nullable(),
    forwardedBy: z.string().nullable(),
  })
  .meta({ id: 'Voicemail' });
export type Voicemail = z.infer<typeof Voicemail>;
export const VoicemailPage = pageOf(Voicemail);

export const VoicemailQuery = PageQuery.extend({
  boxId: VoicemailBoxId.optional(),
  /** `inbox`: heard or not, but not in the archive. */
  state: z.enum(['unheard', 'heard', 'inbox', 'archived', 'all']).default('all'),
  /** In the numbers, the name of the caller, or the note. */
  search: SearchText.optional(),
  /** Left at this moment or later; before this one. */
  from: Instant.optional(),
  to: Instant.optional(),
  sort: z.enum(['at', '-at', 'duration', '-duration', 'caller', '-caller']).default('-at'),
});

export const VoicemailChange = z
  .strictObject({ heard: z.boolean().optional(), archived: z.boolean().optional() })
  .refine(({ heard, archived }) => heard !== undefined || archived !== undefined, 'changes nothing');

/** A copy of the message lies in the other box, new to everybody there; the message stays where it is. */
export const VoicemailForward = z.strictObject({
  boxId: VoicemailBoxId,
  note: z.string().trim().max(500).default(''),
});
export type VoicemailForward = z.input<typeof VoicemailForward>;

/** Four to ten digits; one that everybody tries first is refused. */
export const VoicemailPin = z
  .string()
  .regex(/^\d{4,10}$/, 'has to be four to ten digits')
  .refine((pin) => !isGuessable(pin), 'is among the first that anybody tries');
export const VoicemailPinInput = z.strictObject({ pin: VoicemailPin });

/** One digit only, or digits in their order. */
function isGuessable(pin: string): boolean {
  const steps = new Set(Array.from(pin.slice(1), (digit, at) => Number(digit) - Number(pin[at])));
  const [step] = steps;
  return steps.size === 1 && (step === 0 || step === 1 || step === -1);
}
