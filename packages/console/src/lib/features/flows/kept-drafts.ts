import { FlowDocument } from '@crosspoint/contracts';

/** Unsaved work, kept in this browser so that a crash or a closed window costs nothing. */
export interface KeptDraft {
  /** When it was changed last, in milliseconds of this device's clock. */
  at: number;
  document: FlowDocument;
}

const keyOf = (id: string | null): string => `crosspoint.flow-draft.${id ?? 'new'}`;
const settleMs = 400;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps it a moment after the last change. A browser without room or permission for it keeps nothing. */
export function keepDraft(id: string | null, document: FlowDocument): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    try {
      localStorage.setItem(keyOf(id), JSON.stringify({ at: Date.now(), document }));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }, settleMs);
}

export function forgetDraft(id: string | null): void {
  clearTimeout(timer);
  localStorage.removeItem(keyOf(id));
}

export function keptDraft(id: string | null): KeptDraft | null {
  const text = localStorage.getItem(keyOf(id));
  if (text === null) return null;
  const kept = JSON.parse(text) as { at: number; document: unknown };
  // Work may be unfinished, but what is no flow at all (of an older version) is of no use.
  return looksLikeFlow(kept.document) ? { at: kept.at, document: kept.document } : null;
}

function looksLikeFlow(value: unknown): value is FlowDocument {
  const parsed = FlowDocument.safeParse(value);
  if (parsed.success) return true;
  return parsed.error.issues.every(
    ({ code }) => code === 'too_small' || code === 'invalid_format' || code === 'custom',
  );
}
