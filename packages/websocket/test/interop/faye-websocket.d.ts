/** What the tests use of two packages that bring no types. */

declare module 'faye-websocket' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  interface Options {
    readonly extensions?: readonly object[];
    readonly maxLength?: number;
  }

  /** A server's connection, and, with a URL, a client's. */
  class WebSocket {
    static readonly Client: new (
      url: string,
      protocols: readonly string[],
      options: Options,
    ) => WebSocket;
    constructor(
      request: IncomingMessage,
      socket: Duplex,
      head: Uint8Array,
      protocols: readonly string[],
      options: Options,
    );
    onmessage: (event: { readonly data: string | Buffer }) => void;
    send(data: string | Buffer): void;
  }

  // biome-ignore lint/style/noDefaultExport: a module of Node.js's older kind has nothing else.
  export default WebSocket;
}

declare module 'permessage-deflate' {
  const extension: object;
  // biome-ignore lint/style/noDefaultExport: a module of Node.js's older kind has nothing else.
  export default extension;
}
