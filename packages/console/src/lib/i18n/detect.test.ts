import { expect, test } from 'vitest';
import { detectLanguage } from './detect.ts';

test('[I18N-01] what was chosen on the device wins over the browser', () => {
  expect(detectLanguage('cs', ['es-MX', 'en'])).toBe('cs');
});

test('[I18N-01] the first language of the browser that the console speaks is taken', () => {
  expect(detectLanguage(null, ['de-DE', 'es-MX', 'cs'])).toBe('es');
  expect(detectLanguage(null, ['CS-cz'])).toBe('cs');
});

test('[I18N-01] without a language in common it is English', () => {
  expect(detectLanguage(null, ['de', 'fr'])).toBe('en');
  expect(detectLanguage('xx', [])).toBe('en');
});
