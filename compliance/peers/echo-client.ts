/**
 * Our client as the compliance cases want it: it connects to a URL, echoes until the end, and connects again. With
 * `--restricting` behind the URL, it asks the server to compress in a smaller window and without context takeover, and
 * does not offer to have its own window limited.
 */

import { WebSocket } from '@hawser/websocket';

const [url = '', flag] = process.argv.slice(2);
// Everything is compressed that may be, in every way that may be agreed on.
const permissive = { threshold: 0, serverContextTakeover: true, clientContextTakeover: true };
const restricting = {
  ...permissive,
  serverContextTakeover: false,
  serverMaxWindowBits: 12,
  clientMaxWindowBits: false,
} as const;
const perMessageDeflate = flag === '--restricting' ? restricting : permissive;
connect();

function connect(): void {
  const socket = new WebSocket(url, [], { perMessageDeflate });
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onclose = () => setImmediate(connect);
}
