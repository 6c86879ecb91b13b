/**
 * The chat's own WebSocket endpoint: it takes its own page's connections only and gives each a session. Between the peers of
 * `@hawser/websocket` and `chat-session.ts`.
 */

import { type Peer, WebSocketServer } from '@hawser/websocket';
import { chatSubprotocol } from '../contract/messages.ts';
import type { ChatRoom } from './chat-room.ts';
import { ChatSession, type Line } from './chat-session.ts';
import type { Schedule } from './schedule.ts';

export interface ChatEndpointOptions {
  readonly room: ChatRoom;
  readonly now: () => number;
  readonly schedule: Schedule;
}

/** Connections at a time, joined or not. */
const maxConnections = 1_000;
/** The longest text takes less than this, even when JSON has to escape every character of it. */
const maxMessageLength = 128 * 1024;
/**
 * Bytes that may wait for one page: more than a whole history. A page that does not read is cut off there; when it comes back
 * it catches up from the log.
 */
const maxBacklogBytes = 1024 * 1024;

export function createChatEndpoint({ room, now, schedule }: ChatEndpointOptions): WebSocketServer<undefined> {
  const sessions = new Map<Peer<undefined>, ChatSession>();
  return new WebSocketServer<undefined>({
    allowedOrigins: 'same-origin',
    subprotocols: [chatSubprotocol],
    limits: {
      maxMessageLength,
      maxFramePayloadLength: maxMessageLength,
      maxBufferedOutput: maxBacklogBytes,
    },
    authorize() {
      if (sessions.size < maxConnections) return { allow: true, data: undefined };
      return { allow: false, status: 503, body: 'The chat is full. Please try again later.\n' };
    },
    open(peer) {
      sessions.set(peer, new ChatSession({ room, now, schedule, line: lineTo(peer) }));
    },
    message(peer, message) {
      sessions.get(peer)?.receive(message);
    },
    close(peer) {
      sessions.get(peer)?.end();
      sessions.delete(peer);
    },
  });
}

function lineTo(peer: Peer<undefined>): Line {
  return {
    send: (text) => void peer.send(text),
    relay: (broadcast) => void peer.send(broadcast.prepared),
    close: (code, reason) => peer.close(code, reason),
  };
}
