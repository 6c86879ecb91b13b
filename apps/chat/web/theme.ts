/**
 * Light or dark: as the system has it, unless the reader has chosen otherwise. `index.html` loads this file before it shows
 * anything, so that nobody sees the other colours first.
 */

import { keepIn } from './storage.ts';

type Theme = 'light' | 'dark';

const storage = keepIn(() => localStorage);
const storageKey = 'hawser.theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

apply();

/** Lets a button change between the two, and keeps its label true. */
export function bindThemeButton(button: HTMLButtonElement, label: HTMLElement): void {
  const show = (): void => {
    label.textContent = current() === 'dark' ? 'Use light colours' : 'Use dark colours';
    button.title = label.textContent;
  };
  button.addEventListener('click', () => {
    choose(current() === 'dark' ? 'light' : 'dark');
    show();
  });
  systemDark.addEventListener('change', () => {
    apply();
    show();
  });
  show();
}

/** Whoever chooses what the system has anyway follows the system from then on. */
function choose(theme: Theme): void {
  storage.write(storageKey, theme === systemTheme() ? '' : theme);
  apply();
}

function apply(): void {
  document.documentElement.dataset.theme = current();
}

function current(): Theme {
  const chosen = storage.read(storageKey);
  return chosen === 'light' || chosen === 'dark' ? chosen : systemTheme();
}

function systemTheme(): Theme {
  return systemDark.matches ? 'dark' : 'light';
}
