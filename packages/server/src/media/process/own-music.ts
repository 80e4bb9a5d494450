import { composeMusic } from '@crosspoint/media';
import { encode, type Sound } from './encoded-sound.ts';

/**
 * The music that everybody hears who is not given another. To compose it takes longer than all else that a start does: the bundle
 * has it as files, which `scripts/build-server.mjs` makes by this very function.
 */
export function ownMusic(): Sound {
  return encode(composeMusic());
}
