import { expect, test } from 'vitest';
import { reasonWords } from './reasons.ts';

test('[I18N-01] what ends a leg around transfers, offers and supervision is told in words, not by its code', () => {
  const codes = ['transfer-failed', 'taken-over', 'picked-up', 'left', 'too-late'];
  const offered = ['no-confirmation', 'not-acknowledged', 'no-answer', 'customer-gone', 'flow-ended'];
  for (const code of [...codes, ...offered]) expect(reasonWords(code)).not.toBe(code);
});
