import type { Conference } from '@crosspoint/contracts';
import { act } from '#lib/api/act.ts';
import { api } from '#lib/api/client.ts';
import { m } from '#lib/paraglide/messages.js';

/** Rings the own telephone; with the answer one is in the conference. */
export function joinConference({ id, name }: Pick<Conference, 'id' | 'name'>): Promise<boolean> {
  return act(() => api.post(`/conferences/${id}/join`, {}), m.conference_joining({ name }));
}
