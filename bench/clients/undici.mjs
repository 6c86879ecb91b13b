/** undici's client: the WebSocket of the standard, which is Node's own from version 22 on. */
import { WebSocket } from 'undici';
import { connectStandard } from './standard.mjs';

export function connect(url, handlers) {
  return connectStandard(WebSocket, url, handlers);
}
