import { session } from '#lib/session/session.svelte.ts';
import { placeGroups, type Place, type PlaceGroup } from './places.ts';

/** Whether this place exists for the person who is signed in. */
export function isOpen(place: Place): boolean {
  if (place.whole && session.bounded) return false;
  if (place.agentsOnly && !session.me?.agent) return false;
  return place.everything ? session.reach(place.permission) === 'all' : session.can(place.permission);
}

/** The groups of the navigation with what is open to this person, without empty groups. */
export function openGroups(): PlaceGroup[] {
  return placeGroups
    .map((group) => ({ ...group, places: group.places.filter(isOpen) }))
    .filter((group) => group.places.length > 0);
}
