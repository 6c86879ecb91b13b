/** The client of the npm package `ws`, through its own events, which are faster than those of the standard. */
import { WebSocket } from 'ws';

export function connect(url, { open, message }) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('open', open);
  socket.on('message', (data, isBinary) => message(isBinary ? data : data.toString()));
  return socket;
}
