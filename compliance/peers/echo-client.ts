/** Our client as the compliance cases want it: it connects to a URL, echoes until the end, and connects again. */

import { WebSocket } from '@hawser/websocket';

const [url = ''] = process.argv.slice(2);
connect();

function connect(): void {
  // Everything is compressed that may be, in every way that may be agreed on.
  const perMessageDeflate = { threshold: 0, serverContextTakeover: true, clientContextTakeover: true };
  const socket = new WebSocket(url, [], { perMessageDeflate });
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onclose = () => setImmediate(connect);
}
