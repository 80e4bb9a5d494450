import type { ContactId } from '@crosspoint/contracts';
import type { ContactEffect } from '@crosspoint/core';
import type { Carrier } from '../../carriers/door.ts';
import type { CallerExperience } from './caller-experience.ts';
import type { DeviceTransfers } from './device-transfers.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreState } from './state.ts';

/** What the effects of contacts act on. */
export interface ContactEffectContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  media: MediaPlane;
  experience: CallerExperience;
  transfers: DeviceTransfers;
  recordingsDir: string;
  refused: (contactId: ContactId, reason: string) => void;
}

/** The effects whose type begins so. */
export type EffectOf<Prefix extends string> = Extract<ContactEffect, { type: `${Prefix}${string}` }>;

export function isOf<Prefix extends string>(
  effect: ContactEffect,
  prefix: Prefix,
): effect is EffectOf<Prefix> {
  return effect.type.startsWith(prefix);
}
