import type { PhoneCall } from '../phones/index.ts';
import type { Cue } from './conversation.ts';
import type { Timers } from './timers.ts';

/** Has no divisor in common with the length of a voice, so that the places do not repeat soon. */
const turnStepPackets = 89;

/** One end of a conversation: the call at that end's phone, and the voice of who holds it. */
export type Speaker = { call: PhoneCall; voice: Int16Array };

/**
 * Plays the script of a conversation on the real calls of its ends. An end that is not the demo's, a person with a
 * phone of one's own, is undefined and hangs up by itself. `timers` belong to the conversation: whoever learns that a
 * call is over clears them.
 */
export function playConversation(
  cues: readonly Cue[],
  agent: Speaker | undefined,
  customer: Speaker | undefined,
  timers: Timers,
  failed: (error: unknown) => void,
): void {
  let turns = 0;
  const acts: Record<Cue['do'], () => void> = {
    'agent-speaks': () => speak(agent, customer, (turns += 1)),
    'customer-speaks': () => speak(customer, agent, (turns += 1)),
    silence: () => {
      agent?.call.sound.say('silence');
      customer?.call.sound.say('silence');
    },
    hold: () => {
      agent?.call.hold().catch(failed);
    },
    resume: () => {
      agent?.call.resume().catch(failed);
    },
    'agent-hangs-up': () => (agent ?? customer)?.call.hangUp(),
    'customer-hangs-up': () => (customer ?? agent)?.call.hangUp(),
  };
  for (const cue of cues) {
    timers.after(cue.atMs, () => {
      try {
        acts[cue.do]();
      } catch (error) {
        // The far end has hung up in this very moment.
        failed(error);
      }
    });
  }
}

/** One speaks and the other listens. Every turn begins at another place of the voice, so that it says something new. */
function speak(speaker: Speaker | undefined, listener: Speaker | undefined, turn: number): void {
  listener?.call.sound.say('silence');
  speaker?.call.sound.say(speaker.voice, turn * turnStepPackets);
}
