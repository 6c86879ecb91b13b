/**
 * What may be a name: the one set of rules for the page, which asks, and the server, which has the last word.
 * A name is one line of visible text. Characters that reverse the direction of what follows, or that show nothing, are taken
 * out, because with them one name can be made to look like another.
 */

import { maxNameLength } from './limits.ts';

export type NameCheck =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly reason: string };

/** Tidies a name, or says what is wrong with it. */
export function checkName(typed: string): NameCheck {
  // Cut first: nobody's name is that long, and normalising is not free.
  const oneLine = typed.slice(0, 10 * maxNameLength).replace(/\s+/gu, ' ');
  const name = oneLine.replace(hidden, '').normalize('NFC').trim();
  if (!visible.test(name))
    return { ok: false, reason: 'Please enter a name with at least one letter or digit.' };
  if (name.length > maxNameLength) {
    return { ok: false, reason: `Please enter a name of at most ${maxNameLength} characters.` };
  }
  return { ok: true, name };
}

/** Two names with the same fold look the same to a reader. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Controls, lone surrogates, characters for private use, directional marks and overrides, the zero-width space. */
const hidden = /[\p{Cc}\p{Cs}\p{Co}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

const visible = /[\p{L}\p{N}]/u;
