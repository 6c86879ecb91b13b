/**
 * The server's policy on an opening handshake (RFC 6455 §4.2.2): Origin, the application's `authorize`, the
 * subprotocol. It ends in the response to write. Before: `upgrade-request.ts`; after: `server.ts`.
 */

import {
  createAcceptance,
  createRefusal,
  formatResponseHead,
  HandshakeError,
  type PerMessageDeflate,
  type Refusal,
  refusalOf,
} from '@hawser/protocol';
import type { DeflateNegotiator } from './deflate.ts';
import type {
  AllowedOrigins,
  Authorization,
  CommonServerOptions,
  Subprotocols,
  WebSocketServerOptions,
} from './options.ts';
import type { CheckedRequest, UpgradeRequest } from './upgrade-request.ts';

/** What the policy decided. */
export type UpgradeDecision<Data> =
  | UpgradeAcceptance<Data>
  | {
      readonly allow: false;
      /** The whole response. */
      readonly response: Buffer;
    };

/** The handshake's answer and what the peer is made of. */
export interface UpgradeAcceptance<Data> {
  readonly allow: true;
  readonly data: Data;
  readonly subprotocol: string | undefined;
  /** Must be closed in the end. */
  readonly extension: PerMessageDeflate | undefined;
  /** The response head, one character a byte. */
  readonly response: string;
}

/** Decides on a request and makes the peer's data. */
export type Authorizer<Data> = (
  request: UpgradeRequest,
) => Authorization<Data> | Promise<Authorization<Data>>;

/** What else decides. */
export type Policy<Data> = Pick<CommonServerOptions<Data>, 'allowedOrigins' | 'subprotocols'> & {
  /** Undefined if messages are not compressed. */
  readonly deflate: DeflateNegotiator | undefined;
};

/** The server's `authorize`; without one everybody is allowed in, which only fits a server without data. */
export function authorizerOf<Data>(options: WebSocketServerOptions<Data>): Authorizer<Data>;
export function authorizerOf(options: WebSocketServerOptions<undefined>): Authorizer<undefined> {
  return (request) => options.authorize?.(request) ?? { allow: true, data: undefined };
}

/**
 * Decides on a request: at once if `authorize` does.
 *
 * @throws HandshakeError if the Origin is not allowed, `authorize` fails or `subprotocols` chooses what was not offered;
 *   later on the promise rejects with it.
 */
export function decideUpgrade<Data>(
  checked: CheckedRequest,
  authorize: Authorizer<Data>,
  policy: Policy<Data>,
): UpgradeDecision<Data> | Promise<UpgradeDecision<Data>> {
  const { request } = checked;
  checkOrigin(request, policy.allowedOrigins ?? 'same-origin');
  const authorization = callAuthorize(request, authorize);
  if ('allow' in authorization) return conclude(checked, authorization, policy);
  return waitForAuthorize(authorization).then((decided) => conclude(checked, decided, policy));
}

function conclude<Data>(
  { request, key }: CheckedRequest,
  authorization: Authorization<Data>,
  policy: Policy<Data>,
): UpgradeDecision<Data> {
  if (!authorization.allow) return { allow: false, response: encodeRefusal(authorization) };
  const subprotocol = chooseSubprotocol(request, policy.subprotocols ?? []);
  const { data, headers = [] } = authorization;
  const deflate = policy.deflate?.accept(request.extensions);
  const extensions = deflate === undefined ? [] : [deflate.answer];
  const response = createAcceptance({ key, subprotocol, extensions, headers });
  return {
    allow: true,
    data,
    subprotocol,
    extension: deflate?.extension,
    response: formatResponseHead(response),
  };
}

/** The whole response that refuses a request, as bytes. */
export function encodeRefusal(refusal: Refusal): Buffer {
  const body = Buffer.from(refusal.body ?? '');
  const head = formatResponseHead(createRefusal(refusal, body.length));
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** The refusal that an error asks for; what a client should not see of ours becomes a bare 500. */
export function refusalFor(error: unknown): Refusal {
  return error instanceof HandshakeError ? refusalOf(error) : { status: 500 };
}

/** RFC 6455 §10.2: a page of another origin may not use a visitor's cookies here. No Origin: not a page. */
function checkOrigin(request: UpgradeRequest, allowed: AllowedOrigins): void {
  const { origin } = request;
  if (origin === undefined || allowed === 'any') return;
  if (!isAllowed(origin, request, allowed))
    throw new HandshakeError('origin-not-allowed', JSON.stringify(origin));
}

function isAllowed(
  origin: string,
  request: UpgradeRequest,
  allowed: Exclude<AllowedOrigins, 'any'>,
): boolean {
  if (typeof allowed === 'function') return allowed(origin, request);
  if (allowed === 'same-origin') return isSameHost(origin, request);
  return allowed.includes(origin);
}

/**
 * Whether the page came from this host and port. The scheme is not compared: behind a proxy that ends TLS this
 * process sees `http` where the page has `https`.
 */
function isSameHost(origin: string, request: UpgradeRequest): boolean {
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false;
  const host = `${page.protocol}//${request.host}`;
  return URL.canParse(host) && new URL(host).host === page.host;
}

function callAuthorize<Data>(
  request: UpgradeRequest,
  authorize: Authorizer<Data>,
): Authorization<Data> | PromiseLike<Authorization<Data>> {
  try {
    return authorize(request);
  } catch (cause) {
    throw new HandshakeError('authorization-error', 'an exception', { cause });
  }
}

async function waitForAuthorize<Data>(
  authorization: PromiseLike<Authorization<Data>>,
): Promise<Authorization<Data>> {
  try {
    return await authorization;
  } catch (cause) {
    throw new HandshakeError('authorization-error', 'an exception', { cause });
  }
}

function chooseSubprotocol(request: UpgradeRequest, supported: Subprotocols): string | undefined {
  const offered = request.subprotocols;
  if (typeof supported !== 'function') return offered.find((subprotocol) => supported.includes(subprotocol));
  const chosen = supported(offered, request);
  // RFC 6455 §4.2.2: one of those that the client offered; a client fails the connection at any other (§4.1).
  if (chosen !== undefined && !offered.includes(chosen))
    throw new HandshakeError('subprotocol-not-offered', JSON.stringify(chosen));
  return chosen;
}
