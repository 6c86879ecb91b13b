/**
 * What may be a message's text: the one set of rules for the page and the server. Blank lines before it and white space after
 * it go; everything else stays as it was typed, indentation included.
 */

import { maxTextLength } from './limits.ts';

export type TextCheck =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: 'empty' | 'too-long'; readonly reason: string };

export function checkText(typed: string): TextCheck {
  const text = typed.replace(/^\s*\n/, '').trimEnd();
  if (!visible.test(text))
    return { ok: false, problem: 'empty', reason: 'Expected a message, received an empty one' };
  if (text.length > maxTextLength) {
    const reason = `Expected at most ${maxTextLength} characters, received ${text.length}`;
    return { ok: false, problem: 'too-long', reason };
  }
  return { ok: true, text };
}

/** Anything but white space, controls and what only shapes its neighbours. */
const visible = /[^\s\p{Cc}\p{Cf}]/u;
