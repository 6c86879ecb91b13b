/**
 * The bounds that the page and the server agree on. Lengths count UTF-16 code units, as `String.length` and a text area do.
 * The page keeps within them and the server refuses what lies outside.
 */

export const maxNameLength = 40;

export const maxTextLength = 16_000;

/** The ids and keys that a page makes: random, and never longer than this. */
export const maxIdLength = 64;

/** A key is a secret, so one that could be guessed is refused. */
export const minKeyLength = 16;
