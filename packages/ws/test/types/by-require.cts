/** Code as it is written against the public's types of ws, by require. `types.test.ts` compiles it as it stands. */
import http = require('node:http');
import WebSocket = require('ws');

const server = new WebSocket.Server({ noServer: true, clientTracking: false });
http.createServer().on('upgrade', (request, socket, head) => {
  server.handleUpgrade(request, socket, head, (client: WebSocket) => {
    server.emit('connection', client, request);
  });
});
const client = new WebSocket('wss://localhost', { agent: new http.Agent(), origin: 'https://example.com' });
client.on('message', (data: WebSocket.RawData) => {
  if (Array.isArray(data)) Buffer.concat(data);
  else if (data instanceof ArrayBuffer) new Uint8Array(data);
  else data.equals(Buffer.alloc(0));
});
const options: WebSocket.ClientOptions = { maxPayload: 1, maxFragments: 2 };
const alias: WebSocket.WebSocket = client;
const frame = WebSocket.Sender.frame(Buffer.alloc(1), {
  opcode: 1,
  fin: true,
  mask: false,
  readOnly: false,
  rsv1: false,
});
void [options, alias, frame, WebSocket.WebSocketServer];
