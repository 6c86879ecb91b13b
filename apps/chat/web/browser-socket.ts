/** The browser's WebSocket to the server that the page came from, as `connection.ts` wants it. */

import { chatPath, chatSubprotocol } from '../contract/messages.ts';
import type { OpenSocket } from './connection.ts';

export const openBrowserSocket: OpenSocket = ({ opened, received, closed }) => {
  const socket = new WebSocket(chatUrl(), chatSubprotocol);
  socket.addEventListener('open', opened);
  socket.addEventListener('message', (event: MessageEvent<unknown>) => received(event.data));
  socket.addEventListener('close', closed);
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
};

/** `ws:` for a page that came over `http:`, `wss:` for `https:`. */
function chatUrl(): URL {
  const url = new URL(chatPath, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}
