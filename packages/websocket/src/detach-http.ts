/**
 * Takes a socket away from Node's `http`, so that the frames behind a handshake are not read as another request. Used
 * by `server.ts` and by facades that take requests from an `http` server themselves.
 */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What Node's `http` listens to on a socket that it still reads requests from. */
const HTTP_EVENTS = ['data', 'end', 'drain', 'timeout'] as const;

/**
 * Takes a socket away from Node's `http`. In an `upgrade` event this has been done; in a `request` event its parser
 * still waits for another request, and would take for one what comes while the handshake is under way.
 */
export function detachHttp(socket: Duplex): void {
  // The parser reads from the socket's handle, past the stream, until somebody else listens to the stream's data.
  socket.on('data', () => undefined);
  for (const event of HTTP_EVENTS) socket.removeAllListeners(event);
  if (socket instanceof Socket) socket.setTimeout(0);
}
