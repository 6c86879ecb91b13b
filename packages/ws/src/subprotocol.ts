/** Sec-WebSocket-Protocol for those who read it by the function that `ws` exports. */

import { parseTokenList } from '@hawser/websocket/driver';
import { checkListSyntax, tokenListSyntax } from './header-syntax.ts';

/**
 * Reads the header.
 *
 * @throws SyntaxError if it is malformed or names a subprotocol twice.
 */
function parse(header: string): Set<string> {
  checkListSyntax(header, tokenListSyntax);
  const protocols = new Set<string>();
  for (const protocol of parseTokenList(header) ?? []) {
    if (protocols.has(protocol)) throw new SyntaxError(`The "${protocol}" subprotocol is duplicated`);
    protocols.add(protocol);
  }
  return protocols;
}

/** The functions of the header. */
export const subprotocol: { readonly parse: typeof parse } = { parse };
