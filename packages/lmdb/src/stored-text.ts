/**
 * Texts as bytes and back, exactly: in UTF-8, or in UTF-16 if there is a lone surrogate in it, which UTF-8 cannot say. Two
 * texts that differ have different bytes, so names can be parts of keys.
 */

/** How the bytes of a text are to be read. */
export type TextEncoding = 'utf8' | 'utf16le';

/** The encoding that gives this text back as it is. */
export function encodingOf(text: string): TextEncoding {
  return text.isWellFormed() ? 'utf8' : 'utf16le';
}
