import { z } from 'zod';

/** Who takes part in a contact, and in which state an agent is: words that facts and live views share. */

/** `external`: a number outside that an agent called into the contact; `supervisor`: who listens, whispers or barges in. */
export const LegParty = z.enum(['customer', 'agent', 'external', 'supervisor']);
export type LegParty = z.infer<typeof LegParty>;

/** How a supervisor takes part: unheard, heard by the agent alone, or heard by everybody. */
export const SupervisionMode = z.enum(['listen', 'whisper', 'barge']);
export type SupervisionMode = z.infer<typeof SupervisionMode>;

export const AgentStatus = z.enum(['available', 'break', 'offline']);
export type AgentStatus = z.infer<typeof AgentStatus>;
export const AgentActivity = z.enum([
  'idle',
  'offered',
  'on-contact',
  'hold',
  'wrap-up',
  'not-responding',
  'unreachable',
  'break',
  'offline',
]);
export type AgentActivity = z.infer<typeof AgentActivity>;
