/**
 * Cookies as an `authenticate` hook. A browser sends them with whatever page opens the connection, so that another site's page
 * would speak with its visitor's name (cross-site WebSocket hijacking): a cookie counts only beside an allowed Origin, which
 * no page can forge.
 */

import { type Authenticate, AuthenticationError, type Claims } from './identity.ts';

/** What of the handshake's request is looked at; `UpgradeRequest` of `@hawser/websocket` has it. */
export interface CookieRequest {
  /** The page that opened the connection; undefined for clients that are no browsers. */
  readonly origin: string | undefined;
  readonly headers: { get(name: string): string | undefined };
}

/** Whose cookie counts, and what it says. */
export interface CookieOptions<Request extends CookieRequest> {
  /** The cookie's name. With the prefix `__Host-` no other host of the domain can set it. */
  readonly name: string;
  /** Origins of the pages whose cookies count, such as `https://chat.example`: whole, and never a pattern. */
  readonly allowedOrigins: readonly string[];
  /** Says who the cookie is of, as it was sent; undefined if nobody. Look it up anew each time: it may have been ended. */
  readonly claimsOf: (cookie: string, request: Request) => Claims | undefined | Promise<Claims | undefined>;
}

/**
 * Makes an `authenticate` hook.
 *
 * @throws TypeError if an origin is none, or the cookie's name could not be one.
 */
export function authenticateByCookie<Request extends CookieRequest>(
  options: CookieOptions<Request>,
): Authenticate<Request> {
  const { name, allowedOrigins, claimsOf } = options;
  checkName(name);
  const origins = new Set(allowedOrigins.map(checkOrigin));
  return ({ request }) => {
    if (request.origin === undefined || !origins.has(request.origin)) {
      throw new AuthenticationError('unauthenticated', 'Expected a page of an allowed origin');
    }
    const cookie = cookieNamed(name, request.headers.get('Cookie') ?? '');
    return cookie === undefined ? undefined : claimsOf(cookie, request);
  };
}

/** The cookie's value; undefined if it is not there, or is there twice, of which another host may have set one. */
function cookieNamed(name: string, header: string): string | undefined {
  const prefix = `${name}=`;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix));
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined;
}

/** RFC 6265 §4.1.1: a token of RFC 9110 §5.6.2. */
function checkName(name: string): void {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return;
  throw new TypeError(`Expected the name of a cookie, received ${JSON.stringify(name)}`);
}

function checkOrigin(text: string): string {
  if (new URL(text).origin === text && !text.includes('*')) return text;
  throw new TypeError(`Expected an origin such as https://chat.example, received ${text}`);
}
