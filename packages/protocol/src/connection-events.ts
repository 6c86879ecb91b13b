/**
 * What comes out of a connection: events for the application, output for the transport. Both are values; nothing
 * here calls anybody.
 */

import type { ConnectionError } from './errors.ts';
import type { MessageOpcode } from './frame.ts';

/**
 * What has happened on a connection. How it ends is told apart: the peer's Close frame (`close`), a violation on
 * which we failed it (`fail`), a transport that ended without a Close frame (`lost`). At most one of the three comes.
 */
export type ConnectionEvent =
  | MessageEvent
  | PieceEvent
  | PingEvent
  | PongEvent
  | CloseEvent
  | FailEvent
  | LostEvent;

/** A whole message (RFC 6455 §6.2). The payload of a text message is valid UTF-8. */
export interface MessageEvent {
  readonly type: 'message';
  readonly opcode: MessageOpcode;
  readonly payload: Uint8Array;
}

/** A part of a message, in streaming mode: as it arrived, so a text's code point may lie in two parts. */
export interface PieceEvent {
  readonly type: 'piece';
  readonly opcode: MessageOpcode;
  readonly payload: Uint8Array;
  readonly isLast: boolean;
}

/** A Ping (RFC 6455 §5.5.2); its Pong has been queued already, unless `autoPong` is off. */
export interface PingEvent {
  readonly type: 'ping';
  readonly payload: Uint8Array;
}

/** A Pong (RFC 6455 §5.5.3). */
export interface PongEvent {
  readonly type: 'pong';
  readonly payload: Uint8Array;
}

/** The peer's Close frame (RFC 6455 §5.5.1); ours has been queued. `code` is 1005 if it had none. */
export interface CloseEvent {
  readonly type: 'close';
  readonly code: number;
  readonly reason: string;
}

/** We failed the connection (RFC 6455 §7.1.7); a Close frame with the error's code has been queued. */
export interface FailEvent {
  readonly type: 'fail';
  readonly error: ConnectionError;
}

/** The transport ended before a Close frame came (RFC 6455 §7.1.5: code 1006). */
export interface LostEvent {
  readonly type: 'lost';
}

/** Bytes to write; they must not change until they are written. */
export interface BytesOutput {
  readonly type: 'bytes';
  readonly bytes: Uint8Array;
}

/** What the transport has to do, in order: write bytes, then perhaps end its sending side. */
export type Output = BytesOutput | { readonly type: 'end' };
