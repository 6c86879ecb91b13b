/**
 * Why a command failed, or a subscription ended: one table, from which the codes' type, their messages and their page in
 * the documentation come.
 */

/** What is to be known of a code. */
export interface ErrorRow {
  /** What happened, for people. */
  readonly message: string;
  /** Whether it makes sense to connect again, or to send the command again, without changing anything. */
  readonly reconnect: boolean;
}

/** Stable codes of `error` replies and `ended` events. */
export type ErrorCode =
  | 'invalid-command'
  | 'not-connected'
  | 'already-connected'
  | 'unauthenticated'
  | 'token-expired'
  | 'token-revoked'
  | 'identity-changed'
  | 'forbidden'
  | 'unknown-namespace'
  | 'unknown-method'
  | 'call-refused'
  | 'already-subscribed'
  | 'not-subscribed'
  | 'invalid-data'
  | 'too-large'
  | 'too-many-subscriptions'
  | 'rate-limited'
  | 'unavailable'
  | 'draining'
  | 'internal';

/**
 * The codes whose row says `reconnect`, and the others, apart from the table: a page that downloads the client needs these,
 * and no messages.
 */
export const temporaryErrorCodes: readonly ErrorCode[] = [
  'token-expired',
  'rate-limited',
  'unavailable',
  'draining',
  'internal',
];
const lastingErrorCodes: readonly ErrorCode[] = [
  'invalid-command',
  'not-connected',
  'already-connected',
  'unauthenticated',
  'token-revoked',
  'identity-changed',
  'forbidden',
  'unknown-namespace',
  'unknown-method',
  'call-refused',
  'already-subscribed',
  'not-subscribed',
  'invalid-data',
  'too-large',
  'too-many-subscriptions',
];

/** Whether this version knows a code. */
export function isErrorCode(text: string): text is ErrorCode {
  return [...temporaryErrorCodes, ...lastingErrorCodes].some((code) => code === text);
}

/** What each code means. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorRow>> = {
  'invalid-command': { message: 'The command is not one of this protocol', reconnect: false },
  'not-connected': { message: 'The first command has to be connect', reconnect: false },
  'already-connected': { message: 'The connection has an identity already', reconnect: false },
  unauthenticated: { message: 'The hub does not know who the client is', reconnect: false },
  'token-expired': { message: 'The token has ended', reconnect: true },
  'token-revoked': { message: 'The user or the session was revoked', reconnect: false },
  'identity-changed': { message: 'The token is of another user than the connection', reconnect: false },
  forbidden: { message: 'The identity may not do this', reconnect: false },
  'unknown-namespace': { message: 'The hub has no such namespace', reconnect: false },
  'unknown-method': { message: 'The hub has no such method', reconnect: false },
  'call-refused': { message: 'The method refused, for a reason of its own', reconnect: false },
  'already-subscribed': { message: 'The connection is subscribed to the channel', reconnect: false },
  'not-subscribed': { message: 'The connection is not subscribed to the channel', reconnect: false },
  'invalid-data': { message: 'The data is not what the channel or the method takes', reconnect: false },
  'too-large': { message: 'The message is larger than the channel takes', reconnect: false },
  'too-many-subscriptions': {
    message: 'The connection has as many subscriptions as it may',
    reconnect: false,
  },
  'rate-limited': { message: 'Too much in too short a time', reconnect: true },
  unavailable: { message: 'The storage does not answer', reconnect: true },
  draining: { message: 'The hub is about to end', reconnect: true },
  internal: { message: 'The hub failed', reconnect: true },
};
