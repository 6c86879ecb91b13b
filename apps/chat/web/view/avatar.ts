/** The round sign of a person: the initials, in one of the colours of `style.css`. */

import type { Person } from '../../contract/messages.ts';
import { initialsOf, toneOf } from '../labels.ts';

/** As many as `style.css` has. */
const tones = 8;

export function paintAvatar(avatar: HTMLElement, { id, name }: Person): void {
  avatar.textContent = initialsOf(name);
  avatar.dataset.tone = String(toneOf(id, tones));
}
