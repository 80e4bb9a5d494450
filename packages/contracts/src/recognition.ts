import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { SpokenPhrase } from './flow-speech.ts';
import { PromptText } from './prompts.ts';
import { lastFaultOf, ServiceFault, ServiceKey } from './voice-services.ts';

/** Who understands what callers say in flows: the engine beside the server, which knows English words, or a service. */
export const RecognitionProvider = z.enum(['offline', 'deepgram']);
export type RecognitionProvider = z.infer<typeof RecognitionProvider>;

export const RecognitionSettingsInput = z.strictObject({
  provider: RecognitionProvider,
  /** Where the service is, when it is not at its usual place: a server of one's own with the same interface. */
  address: z
    .string()
    .trim()
    .max(500)
    .regex(/^(wss?:\/\/[^\s?#]+)?$/, 'is not an address such as wss://speech.example.com/v1')
    .default(''),
  /** Empty for the usual one. */
  model: z
    .string()
    .trim()
    .max(100)
    .regex(/^[\w.:/-]*$/, 'is not the name of a model')
    .default(''),
  key: ServiceKey,
});
export type RecognitionSettingsInput = z.input<typeof RecognitionSettingsInput>;

/** Why nobody understood; the caller was asked to press keys. */
export const RecognitionFault = z.enum([
  ...ServiceFault.options,
  'not-installed',
  'language-unknown',
  'words-unknown',
  'busy',
  'engine-failed',
]);
export type RecognitionFault = z.infer<typeof RecognitionFault>;

export const RecognitionSettings = z
  .object({
    ...RecognitionSettingsInput.omit({ key: true }).shape,
    hasKey: z.boolean(),
    /** Whether the engine beside the server is installed. */
    hasEngine: z.boolean(),
    lastFault: lastFaultOf(RecognitionFault),
  })
  .meta({ id: 'RecognitionSettings' });
export type RecognitionSettings = z.infer<typeof RecognitionSettings>;

/** Settings that are tried before they are stored: `text` is spoken, and has to be told from the other `phrases`. */
export const RecognitionTrial = z.strictObject({
  settings: RecognitionSettingsInput,
  text: PromptText,
  language: PromptLanguage,
  phrases: z.array(SpokenPhrase).min(1).max(50),
});

export const RecognitionTrialResult = z
  .object({ text: z.string(), confidence: z.number().min(0).max(1) })
  .meta({ id: 'RecognitionTrialResult' });
