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
