/**
 * With which codes a hub ends a connection (RFC 6455 §7.4.2 leaves 4000 to 4999 to applications), and after which of them a
 * client comes back.
 */

/** What is to be known of a close code. */
export interface CloseRow {
  readonly code: number;
  /** What happened, for people; the close reason unless there is a better one. */
  readonly message: string;
  /** Whether a client comes back by itself. */
  readonly reconnect: boolean;
}

/** Why a hub ends a connection. */
export type CloseName =
  | 'malformed-frame'
  | 'unauthenticated'
  | 'forbidden'
  | 'connect-timeout'
  | 'revoked'
  | 'disconnected'
  | 'token-expired'
  | 'ping-timeout'
  | 'session-taken-up'
  | 'rate-limited'
  | 'draining';

/** The close codes of a hub. */
export const closeCodes: Readonly<Record<CloseName, CloseRow>> = {
  'malformed-frame': { code: 4400, message: 'Expected a command of hawser.v1', reconnect: false },
  unauthenticated: { code: 4401, message: 'The hub does not know who the client is', reconnect: false },
  forbidden: { code: 4403, message: 'The identity may not be here', reconnect: false },
  'connect-timeout': { code: 4408, message: 'Expected connect in time', reconnect: true },
  revoked: { code: 4410, message: 'The user or the session was revoked', reconnect: false },
  disconnected: { code: 4411, message: 'The server ended the connection', reconnect: false },
  'token-expired': { code: 4412, message: 'The token has ended', reconnect: true },
  'ping-timeout': { code: 4413, message: 'Nothing was heard of the client', reconnect: true },
  'session-taken-up': { code: 4414, message: 'The session goes on in another connection', reconnect: false },
  'rate-limited': { code: 4429, message: 'Too much in too short a time', reconnect: true },
  draining: { code: 1012, message: 'The hub is about to end', reconnect: true },
};

/** The codes of RFC 6455 §7.4.1 and IANA's registry after which nothing gets better by itself. */
const finalCodes: readonly number[] = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 1015];

/** The hub's own codes whose row says `reconnect`, apart from the table, which no page has to download. */
const passingCodes: readonly number[] = [4408, 4412, 4413, 4429];

/** Whether a client comes back after this code: 4000 to 4399 and 4500 to 4999 are other servers' and say no. */
export function reconnectsAfter(code: number): boolean {
  return code < 4000 ? !finalCodes.includes(code) : passingCodes.includes(code);
}
