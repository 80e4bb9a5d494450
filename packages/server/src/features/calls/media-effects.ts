import type { ContactId, LegId } from '@crosspoint/contracts';
import type { ContactEffect } from '@crosspoint/core';
import { type EffectOf, isOf } from './effect-context.ts';
import type { PlaySource } from '../../media/index.ts';
import type { MediaPlane } from './media-plane.ts';

/** Effects that the media plane alone acts on, and that hold until others follow. */
export type MediaEffect = EffectOf<'media.' | 'room.'>;

export function isMediaEffect(effect: ContactEffect): effect is MediaEffect {
  return isOf(effect, 'media.') || isOf(effect, 'room.');
}

/** Who hears what. @param musicOf which music a leg hears, where it hears any. */
export function applyMediaEffect(
  media: MediaPlane,
  contactId: ContactId,
  effect: MediaEffect,
  musicOf: (legId: LegId) => PlaySource,
): void {
  switch (effect.type) {
    case 'media.play': {
      const { legId, source } = effect;
      return media.play(legId, source === 'music' ? musicOf(legId) : { kind: source }, { loop: true });
    }
    case 'media.stop':
      return media.stopPlaying(effect.legId);
    case 'media.bridge':
      return media.bridge(effect.a, effect.b);
    case 'media.unbridge':
      return media.unbridge(effect.a);
    case 'media.mute':
      return media.mute(effect.legId, effect.muted);
    case 'room.open':
      return media.openRoom(contactId, effect.room);
    case 'room.join':
      return media.joinRoom(contactId, effect.room, effect.legId, effect.supervision);
    case 'room.enter':
      return media.shared.enter(effect.roomId, effect.legId);
    case 'room.set':
      return media.changeSeat(effect.legId, effect.supervision);
    case 'room.leave':
      return media.leaveRoom(effect.legId);
    case 'room.close':
      return media.closeRoom(contactId, effect.room);
  }
}
