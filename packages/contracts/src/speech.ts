import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { PromptText } from './prompts.ts';
import { lastFaultOf, ServiceFault, ServiceKey } from './voice-services.ts';

/** Who speaks texts: the engine beside the server, or a service. `openai` is any server with the same interface. */
export const SpeechProvider = z.enum(['offline', 'openai', 'google', 'azure', 'elevenlabs']);
export type SpeechProvider = z.infer<typeof SpeechProvider>;

const Voice = z.string().trim().max(100).default('');

export const SpeechSettingsInput = z.strictObject({
  provider: SpeechProvider,
  /** Where the service is, when it is not at its usual place; `https://api.openai.com/v1` is that of OpenAI. */
  address: z
    .string()
    .trim()
    .max(500)
    .regex(/^(https?:\/\/[^\s?#]+)?$/, 'is not a web address such as https://speech.example.com/v1')
    .default(''),
  /** Of Azure, such as `westeurope`. */
  region: z
    .string()
    .trim()
    .max(50)
    .regex(/^[a-z0-9-]*$/, 'is not a region such as westeurope')
    .default(''),
  /** Of OpenAI and ElevenLabs; empty for the usual one. */
  model: z.string().trim().max(100).default(''),
  /** By language; empty for the usual one. ElevenLabs has none that is usual. */
  voices: z.strictObject({ en: Voice, es: Voice, cs: Voice }).default({ en: '', es: '', cs: '' }),
  key: ServiceKey,
});
export type SpeechSettingsInput = z.input<typeof SpeechSettingsInput>;

/** Why a service did not speak; the offline engine spoke instead. */
export const SpeechFault = z.enum([...ServiceFault.options, 'no-sound']);
export type SpeechFault = z.infer<typeof SpeechFault>;

export const SpeechSettings = z
  .object({
    ...SpeechSettingsInput.omit({ key: true }).shape,
    hasKey: z.boolean(),
    lastFault: lastFaultOf(SpeechFault),
  })
  .meta({ id: 'SpeechSettings' });
export type SpeechSettings = z.infer<typeof SpeechSettings>;

/** Settings that are tried before they are stored. */
export const SpeechTrial = z.strictObject({
  settings: SpeechSettingsInput,
  text: PromptText,
  language: PromptLanguage,
});
