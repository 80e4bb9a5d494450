import type { ContactId } from '@crosspoint/contracts';
import { act } from '#lib/api/act.ts';
import { api } from '#lib/api/client.ts';

const key = (id: ContactId): string => `crosspoint.note.${id}`;
let text = $state('');
let of: ContactId | null = null;

/** The note that is being written; it outlives a reload and the end of wrap-up. */
export const draft = {
  get text(): string {
    return text;
  },
  set text(next: string) {
    text = next;
    if (of !== null) sessionStorage.setItem(key(of), next);
  },
  /** Turns to a contact. */
  open(id: ContactId): void {
    of = id;
    text = sessionStorage.getItem(key(id)) ?? '';
  },
  /** Stores the note with its contact; true when nothing is left to store. */
  async save(): Promise<boolean> {
    const id = of;
    const written = text.trim();
    if (id === null || written === '') return true;
    if (!(await act(() => api.post(`/contacts/${id}/notes`, { text: written })))) return false;
    sessionStorage.removeItem(key(id));
    if (of === id && text.trim() === written) text = '';
    return true;
  },
};

let choice = $state.raw<{ of: ContactId; code: string } | null>(null);
let storing: Promise<boolean> = Promise.resolve(true);

async function store(wanted: { of: ContactId; code: string }): Promise<boolean> {
  // Another choice has come meanwhile and is stored after this one.
  if (choice !== wanted) return true;
  if (await act(() => api.put(`/contacts/${wanted.of}/disposition`, { code: wanted.code }))) return true;
  if (choice === wanted) choice = null;
  return false;
}

/** The disposition that is chosen, from the key press on: it shows and counts at once, and reaches the server in order. */
export const disposition = {
  /** What was chosen here for this contact and is not known to be stored. */
  of(id: ContactId): string | null {
    return choice?.of === id ? choice.code : null;
  },
  /** Of several choices in a row the last one is stored last; true when it is. */
  choose(id: ContactId, code: string): Promise<boolean> {
    const wanted = { of: id, code };
    choice = wanted;
    storing = storing.then(() => store(wanted));
    return storing;
  },
  /** The server tells of this one now. */
  isKnown(id: ContactId, code: string | undefined): void {
    if (choice?.of === id && choice.code === code) choice = null;
  },
  /** Resolves once nothing chosen is left to store; false, once, when it could not be. */
  async stored(): Promise<boolean> {
    const latest = storing;
    const done = await latest;
    if (!done && storing === latest) storing = Promise.resolve(true);
    return done;
  },
};
