/** Hawser's client: the WebSocket of the standard. */
import { WebSocket } from '../../packages/websocket/dist/index.js';
import { connectStandard } from './standard.mjs';

export function connect(url, handlers) {
  return connectStandard(WebSocket, url, handlers);
}
