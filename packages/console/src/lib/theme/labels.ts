import { m } from '#lib/paraglide/messages.js';
import type { Theme } from './theme.svelte.ts';

const names: Record<Theme, () => string> = {
  light: m.theme_light,
  dark: m.theme_dark,
  system: m.theme_system,
};
export const themeLabel = (theme: Theme): string => names[theme]();
