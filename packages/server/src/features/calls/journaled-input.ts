import type { ContactInput, ContactView } from '@crosspoint/core';

/**
 * The input as it is kept on disk: keys that a caller presses are kept only in a queue, where the machine makes a fact of them.
 * Elsewhere they may be a PIN or the number of a card, and the machine looks at none of them.
 */
export function journaledInput(input: ContactInput, state: ContactView['state'] | undefined): ContactInput {
  if (input.type !== 'leg.digit' || state === 'waiting' || state === 'offered') return input;
  return { ...input, digit: '' };
}
