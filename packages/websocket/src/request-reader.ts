/**
 * Reads an opening handshake from a bare socket, for a server on a port of its own: no HTTP server stands between.
 * Before: the socket; after: `upgrade-request.ts`.
 */

import type { Duplex } from 'node:stream';
import { HeadCollector, type Limits, parseRequestHead, type RequestHead } from '@hawser/protocol';

/** A request's head and the bytes that came behind it. */
export interface ReceivedRequest {
  readonly head: RequestHead;
  readonly rest: Uint8Array;
}

/**
 * Reads the head of one request and leaves the socket paused behind it.
 *
 * Rejects with a HandshakeError if the head is too long or malformed; a socket that ends is the caller's to notice.
 */
export function readRequest(socket: Duplex, limits: Limits): Promise<ReceivedRequest> {
  const collector = new HeadCollector(limits);
  return new Promise((resolve, reject) => {
    const receive = (chunk: Uint8Array): void => {
      try {
        const collected = collector.push(chunk);
        if (collected === undefined) return;
        resolve({ head: parseRequestHead(collected.head, limits), rest: collected.rest });
      } catch (error) {
        reject(error);
      }
      socket.off('data', receive);
      socket.pause();
    };
    socket.on('data', receive);
  });
}
