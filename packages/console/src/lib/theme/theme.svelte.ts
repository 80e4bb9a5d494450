/** What the person chose; `system` follows the device. */
export type Theme = 'light' | 'dark' | 'system';
export const themes: readonly Theme[] = ['light', 'dark', 'system'];

const storageKey = 'crosspoint.theme';

function stored(): Theme {
  const value = localStorage.getItem(storageKey);
  return value === 'light' || value === 'dark' ? value : 'system';
}

const darkDevice = matchMedia('(prefers-color-scheme: dark)');
let chosen = $state<Theme>(stored());
let deviceIsDark = $state(darkDevice.matches);

function apply(): void {
  document.documentElement.dataset['theme'] = theme.shown;
}

/** The theme of the console: kept on this device and applied to the root element at once. */
export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  get shown(): 'light' | 'dark' {
    if (chosen === 'system') return deviceIsDark ? 'dark' : 'light';
    return chosen;
  },
  choose(next: Theme): void {
    chosen = next;
    if (next === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
    apply();
  },
};

darkDevice.addEventListener('change', (event) => {
  deviceIsDark = event.matches;
  apply();
});
