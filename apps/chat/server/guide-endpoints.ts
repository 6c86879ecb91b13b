/**
 * The two endpoints that the browser code of the WebSocket guide talks to, so that it runs against this server when only the
 * host in its URL is changed. They carry no identity and take any Origin, and so nothing that is said here reaches the chat.
 */

import {
  type Authorization,
  CloseCode,
  type Peer,
  PreparedMessage,
  WebSocketServer,
} from '@hawser/websocket';
import type { Schedule } from './schedule.ts';
import { TokenBucket } from './token-bucket.ts';

export const broadcastPath = '/article/websocket/chat/ws';
export const helloPath = '/article/websocket/demo/hello';

/** The hello endpoint says goodbye so long after it was first spoken to. */
export const helloDurationMs = 5_000;
/** Whoever says nothing to the hello endpoint for so long makes room for others. */
export const helloSilenceMs = 60_000;

/** Strangers share these endpoints, so each gets little. */
const broadcastLimits = {
  maxMessageLength: 64 * 1024,
  maxFramePayloadLength: 64 * 1024,
  maxBufferedOutput: 1024 * 1024,
} as const;
const helloLimits = {
  maxMessageLength: 4 * 1024,
  maxFramePayloadLength: 4 * 1024,
  maxBufferedOutput: 64 * 1024,
} as const;
const maxConnections = 1_000;
const rate = { capacity: 50, refillMs: 100 } as const;

export interface BroadcastEndpointOptions {
  readonly now: () => number;
}

export interface HelloEndpointOptions {
  readonly schedule: Schedule;
}

/** Sends each message, as it came, to everybody who is connected, its sender included. */
export function createBroadcastEndpoint({ now }: BroadcastEndpointOptions): WebSocketServer<TokenBucket> {
  const peers = new Set<Peer<TokenBucket>>();
  return new WebSocketServer<TokenBucket>({
    allowedOrigins: 'any',
    limits: broadcastLimits,
    authorize: () => admit(peers.size, new TokenBucket({ ...rate, now: now() })),
    open(peer) {
      peers.add(peer);
    },
    message(sender, message) {
      if (sender.data.take(now()) > 0) return sender.close(CloseCode.PolicyViolation, 'Too many messages');
      const prepared = new PreparedMessage(message);
      for (const peer of peers) peer.send(prepared);
    },
    close(peer) {
      peers.delete(peer);
    },
  });
}

interface Visitor {
  hasSpoken: boolean;
}

/** Greets whoever introduces himself, and closes the connection five seconds later. */
export function createHelloEndpoint({ schedule }: HelloEndpointOptions): WebSocketServer<Visitor> {
  /** For each connection, how to call its end off. */
  const ends = new Map<Peer<Visitor>, () => void>();
  return new WebSocketServer<Visitor>({
    allowedOrigins: 'any',
    limits: helloLimits,
    authorize: () => admit(ends.size, { hasSpoken: false }),
    open(peer) {
      const leave = () => peer.close(CloseCode.GoingAway, 'Nothing was said');
      ends.set(peer, schedule(helloSilenceMs, leave));
    },
    message(peer, message) {
      if (typeof message !== 'string') return peer.close(CloseCode.UnsupportedData, 'Expected text');
      peer.send(`Hello from server, ${lastWordOf(message)}!`);
      if (peer.data.hasSpoken) return;
      peer.data.hasSpoken = true;
      ends.get(peer)?.();
      const sayGoodbye = () => peer.close(CloseCode.NormalClosure, 'Bye!');
      ends.set(peer, schedule(helloDurationMs, sayGoodbye));
    },
    close(peer) {
      ends.get(peer)?.();
      ends.delete(peer);
    },
  });
}

/** The name in “My name is John.”, without what is neither letter nor digit. */
export function lastWordOf(text: string): string {
  let last = 'Guest';
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}\p{Pc}\p{Join_Control}'’-]+/gu)) last = word;
  return last;
}

function admit<Data>(connections: number, data: Data): Authorization<Data> {
  if (connections < maxConnections) return { allow: true, data };
  return { allow: false, status: 503, body: 'Too many connections. Please try again later.\n' };
}
