/**
 * The first two arguments of `new WebSocket` (WebSockets Standard §3.1), checked: a URL of the schemes that mean a
 * WebSocket, and subprotocols. What cannot be used throws a SyntaxError DOMException, at once. No message shows the
 * URL, which may hold a password. Used by `websocket.ts`.
 */

import { isToken } from '@hawser/protocol';
import { toDomString } from './web-idl.ts';

/**
 * Gets a URL record (WebSockets Standard §3.1).
 *
 * @throws DOMException (SyntaxError) if it is no absolute URL, of another scheme, or has a fragment.
 */
export function parseWebSocketUrl(text: string): URL {
  // 1. and 2. Parse. There is no page that a relative URL could be relative to.
  if (!URL.canParse(text)) throw syntaxError('Expected an absolute URL');
  const url = new URL(text);
  // 3. and 4. http and https are other names for ws and wss.
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  // 5. No other scheme.
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError(`Expected the scheme ws, wss, http or https, received ${url.protocol.slice(0, -1)}`);
  }
  // 6. No fragment, not even an empty one. "#" stands nowhere else in a serialized URL.
  if (url.href.includes('#')) throw syntaxError('Expected a URL without a fragment');
  return url;
}

/**
 * Checks the subprotocols. Those that differ in case only count as the same: the standard does not say, but the
 * public tests for browsers do.
 *
 * @param protocols As Web IDL has it: a sequence, or else a string.
 * @throws DOMException (SyntaxError) if one is no token or occurs more than once.
 */
export function checkProtocols(protocols: string | Iterable<string>): readonly string[] {
  const list = isSequence(protocols) ? Array.from(protocols, toDomString) : [toDomString(protocols)];
  for (const protocol of list) {
    if (!isToken(protocol)) {
      throw syntaxError(`Expected a subprotocol to be a token, received ${JSON.stringify(protocol)}`);
    }
  }
  if (new Set(list.map((protocol) => protocol.toLowerCase())).size < list.length) {
    throw syntaxError(`Expected distinct subprotocols, received ${list.join(', ')}`);
  }
  return list;
}

/** Only an object is a sequence: a string, though it can be iterated, is one subprotocol. */
function isSequence(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}
