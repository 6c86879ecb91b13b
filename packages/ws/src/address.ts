/**
 * Addresses of WebSockets as `ws` takes them: a URL of one of five schemes, one of which names a Unix socket. The
 * errors' words are those that users compare.
 */

/** Where a connection leads. */
export interface Address {
  readonly url: URL;
  readonly isSecure: boolean;
  readonly port: number | string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** The request target. */
  readonly path: string;
  /** The Unix socket of `ws+unix:`; undefined for TCP. */
  readonly socketPath: string | undefined;
}

const DEFAULT_PORT = 80;
const DEFAULT_SECURE_PORT = 443;

/**
 * Reads a URL.
 *
 * @throws SyntaxError if it is none.
 */
export function parseUrl(address: string | URL, base?: string | URL): URL {
  if (address instanceof URL) return address;
  try {
    return new URL(address, base);
  } catch (cause) {
    throw new SyntaxError(`Invalid URL: ${address}`, { cause });
  }
}

/** The same URL with the scheme that it means: `http:` and `https:` are other names for `ws:` and `wss:`. */
export function withWebSocketScheme(url: URL): URL {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return url;
  const renamed = new URL(url);
  renamed.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return renamed;
}

/** What is wrong with a URL that cannot be connected to; undefined if nothing is. */
export function addressError(url: URL): SyntaxError | undefined {
  const isUnix = url.protocol === 'ws+unix:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:' && !isUnix) {
    return new SyntaxError(
      'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"',
    );
  }
  if (isUnix && url.pathname === '') return new SyntaxError("The URL's pathname is empty");
  return url.hash === '' ? undefined : new SyntaxError('The URL contains a fragment identifier');
}

/** The parts of a URL that `addressError` finds nothing wrong with. */
export function addressOf(url: URL): Address {
  const isSecure = url.protocol === 'wss:';
  const target = url.pathname + url.search;
  const [socketPath, path] = url.protocol === 'ws+unix:' ? splitUnixTarget(target) : [undefined, target];
  return {
    url,
    isSecure,
    port: url.port || (isSecure ? DEFAULT_SECURE_PORT : DEFAULT_PORT),
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    path,
    socketPath,
  };
}

/** `ws+unix:/run/chat.sock:/room?x=1` is the socket, a colon, and the request target. */
function splitUnixTarget(target: string): [socketPath: string, path: string] {
  const colon = target.indexOf(':');
  return colon === -1 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)];
}
