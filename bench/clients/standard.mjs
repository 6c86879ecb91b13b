/** What every client of the WebSockets Standard is used like. */

/** @param handlers `open()` and `message(data)`, where text is a string and everything else a Buffer. */
export function connectStandard(WebSocket, url, { open, message }) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', open);
  socket.addEventListener('message', ({ data }) => {
    message(typeof data === 'string' ? data : Buffer.from(data));
  });
  return socket;
}
