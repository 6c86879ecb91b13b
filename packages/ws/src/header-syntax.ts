/**
 * Where the value of a Sec-WebSocket-* header stops to be right. The engine's grammar says only whether it is; those
 * who parse headers by the functions that `ws` exports compare the position in its errors. Used by `extension.ts` and
 * `subprotocol.ts`.
 */

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
/** White space, but not at the very beginning. */
const SPACE = '(?:(?!^)[\\t ])*';
const QUOTED = `"(?:\\\\?${TOKEN})+"`;
const UNFINISHED_QUOTED = `"(?:\\\\?${TOKEN})*\\\\?`;
const PARAMETER = `;${SPACE}${TOKEN}+(?:=(?:${TOKEN}+|${QUOTED})|(?!=|${TOKEN}))${SPACE}`;
const UNFINISHED_PARAMETER = `;${SPACE}(?:${TOKEN}+=(?:${UNFINISHED_QUOTED})?)?`;

/** How the elements of a list are written. */
export interface ListSyntax {
  /** An element with the comma behind it. */
  readonly element: RegExp;
  /** The last element, or as much of it as is right. */
  readonly beginning: RegExp;
}

/** A list of tokens. */
export const tokenListSyntax: ListSyntax = {
  element: new RegExp(`${SPACE}${TOKEN}+${SPACE},`, 'y'),
  beginning: new RegExp(`${SPACE}(?:${TOKEN}+${SPACE})?`, 'y'),
};

/** A list of extensions with their parameters. */
export const extensionListSyntax: ListSyntax = {
  element: new RegExp(`${SPACE}${TOKEN}+${SPACE}(?:${PARAMETER})*,`, 'y'),
  beginning: new RegExp(`${SPACE}(?:${TOKEN}+${SPACE}(?:${PARAMETER})*(?:${UNFINISHED_PARAMETER})?)?`, 'y'),
};

/**
 * Checks a list that has to end with an element.
 *
 * @throws SyntaxError that says where it goes wrong.
 */
export function checkListSyntax(header: string, { element, beginning }: ListSyntax): void {
  let start = 0;
  for (let end = endOf(element, header, 0); end > start; end = endOf(element, header, start)) start = end;
  const end = endOf(beginning, header, start);
  if (end < header.length) throw new SyntaxError(`Unexpected character at index ${end}`);
  // A whole element is one that could have a comma behind it.
  const isWhole = endOf(element, `${header},`, start) === header.length + 1;
  if (!isWhole || /[\t ]$/.test(header)) throw new SyntaxError('Unexpected end of input');
}

/** Where the match that begins at an index ends; the index if there is none. */
function endOf(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : index;
}
