/**
 * Reads an opening handshake from a bare socket, for a server on a port of its own: no HTTP server stands between.
 * Before: the socket; after: `upgrade-request.ts`.
 */

import type { Duplex } from 'node:stream';
import { HeadCollector, type Limits, parseRequestHead, type RequestHead } from '@hawser/protocol';

/** Hears what came of a request. */
export interface RequestReceiver {
  /** The request is there. The socket goes on flowing: who cannot take the bytes behind `rest` at once, pauses it. */
  received(head: RequestHead, rest: Uint8Array): void;
  /** The head is too long or malformed. */
  failed(error: unknown): void;
}

/** Reads the head of one request, and nothing behind it; a socket that ends is the caller's to notice. */
export function readRequest(socket: Duplex, limits: Limits, receiver: RequestReceiver): void {
  const collector = new HeadCollector(limits);
  const receive = (chunk: Uint8Array): void => {
    try {
      const collected = collector.push(chunk);
      if (collected === undefined) return;
      socket.off('data', receive);
      receiver.received(parseRequestHead(collected.head, limits), collected.rest);
    } catch (error) {
      socket.off('data', receive);
      receiver.failed(error);
    }
  };
  socket.on('data', receive);
}
