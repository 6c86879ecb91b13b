/** Compresses, and sends every message back. */
import { WindowPool } from '../../packages/websocket/dist/index.js';
import { options, serve } from './serve.mjs';

const { poolLength, ...deflate } = options;

await serve({
  perMessageDeflate: poolLength === undefined ? deflate : { ...deflate, windows: new WindowPool(poolLength) },
  message(peer, message) {
    peer.send(message);
  },
});
