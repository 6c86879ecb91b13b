/**
 * A message that a client sends from a source, as one chunk of a stream of messages. Above: the application; below:
 * `message-streams.ts`, which has it sent by `outgoing-streams.ts`.
 */

import type { MessageSource, StreamOptions } from './outgoing-streams.ts';

/**
 * One message that is written to the `writable` of a WebSocketStream, and sent in fragments while its source gives
 * them, no faster than the server takes them. An extension of Node.js: without it a source would be made a string.
 *
 * @example
 * await writer.write(new OutgoingMessage(createReadStream('server.log'), { type: 'text' }));
 */
export class OutgoingMessage {
  readonly source: MessageSource;
  readonly options: StreamOptions;

  /**
   * @param source A Blob, a ReadableStream or another async iterable of strings and bytes.
   * @throws TypeError for any other source.
   */
  constructor(source: MessageSource, options: StreamOptions = {}) {
    if (!isSource(source))
      throw new TypeError(`Expected a Blob or an async iterable, received ${typeof source}`);
    this.source = source;
    this.options = { ...options };
  }
}

function isSource(source: unknown): boolean {
  if (source instanceof Blob) return true;
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
}
