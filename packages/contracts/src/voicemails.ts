import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { FlowPrompt } from './flow-nodes.ts';
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
  /** User names of the agents who hear what is left here, and whose telephones show by a lamp that messages wait. */
  agents: z.array(Username).max(200).default([]),
});
export type VoicemailBoxInput = z.input<typeof VoicemailBoxInput>;
export type VoicemailBoxSettings = z.output<typeof VoicemailBoxInput>;

export const VoicemailBox = z
  .object({
    id: VoicemailBoxId,
    ...VoicemailBoxInput.shape,
    /** Messages nobody has heard yet, and all of them. */
    unheard: z.number().int(),
    messages: z.number().int(),
  })
  .meta({ id: 'VoicemailBox' });
export type VoicemailBox = z.infer<typeof VoicemailBox>;
export const VoicemailBoxPage = pageOf(VoicemailBox);

export const VoicemailBoxQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

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
    heardAt: Instant.nullable(),
    /** Who marked it as heard; null when nobody has, or that user is gone. */
    heardBy: z.string().nullable(),
  })
  .meta({ id: 'Voicemail' });
export type Voicemail = z.infer<typeof Voicemail>;
export const VoicemailPage = pageOf(Voicemail);

export const VoicemailQuery = PageQuery.extend({
  boxId: VoicemailBoxId.optional(),
  state: z.enum(['unheard', 'heard', 'all']).default('all'),
  search: SearchText.optional(),
  sort: z.enum(['at', '-at']).default('-at'),
});

export const VoicemailChange = z.strictObject({ heard: z.boolean() });
