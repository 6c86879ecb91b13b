/** Code as it is written against the public's types of ws, by import. `types.test.ts` compiles it as it stands. */
import { createServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  type RawData,
  type ServerOptions,
  subprotocol,
  WebSocketServer,
} from 'ws';

const options: ServerOptions = {
  port: 8080,
  perMessageDeflate: { threshold: 10, zlibDeflateOptions: { level: 1 } },
};
const server = new WebSocketServer(options, () => undefined);
server.on('connection', (client, request) => {
  const address: string | undefined = request.socket.remoteAddress;
  client.on('message', function (data: RawData, isBinary) {
    this.send(data.toString(), { binary: isBinary, compress: false, fin: true }, (error) => error?.message);
    this.send(address ?? Buffer.alloc(1));
  });
  client.on('close', (code: number, reason: Buffer) => reason.toString() + code);
  client.once('pong', (data) => data.length);
  client.on('custom', (anything, at, all) => [anything, at, all]);
  client.off('open', () => undefined);
  client.ping('x', true, (error) => error.message);
});
for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.terminate();
server.on('wsClientError', (error, socket, request) => [error.message, socket.end(), request.url]);
server.on('headers', (headers) => headers.push('X: y'));
server.close((error) => error?.message);
const where = server.address();
if (where !== null && typeof where !== 'string') where.port.toFixed();

class Request extends IncomingMessage {
  user = '';
}
class Client extends WebSocket {
  greeting = 'hi';
}
const typed = new WebSocket.Server<typeof Client, typeof Request>({
  server: createServer({ IncomingMessage: Request }),
  WebSocket: Client,
  verifyClient: ({ origin, secure, req }, callback) => callback(secure, 401, origin, { 'X-User': req.user }),
  handleProtocols: (protocols, request) => (protocols.has(request.user) ? request.user : false),
});
typed.on('connection', (client, request) => client.greeting + request.user);

const client = new WebSocket(new URL('ws://localhost'), ['a'], {
  followRedirects: true,
  headers: { Cookie: 'a=b' },
  finishRequest: (request, websocket) => request.end(() => websocket.close()),
  rejectUnauthorized: false,
});
client.binaryType = 'arraybuffer';
client.onmessage = (event: WebSocket.MessageEvent) => event.data;
client.onclose = ({ code, reason, wasClean }) => [code.toFixed(), reason.length, wasClean];
client.addEventListener('message', ({ data, target }) => [data, target.url], { once: true });
client.addEventListener('error', { handleEvent: (event) => event.message });
client.on('unexpected-response', (request, response) => [request.path, response.statusCode]);
const state: 0 | 1 | 2 | 3 = client.readyState;
const stream: Duplex = createWebSocketStream(client, { encoding: 'utf8' });
const data: WebSocket.Data = 'text';
void [state, stream, data, WebSocket.CLOSED, client.CONNECTING];

const offers = extension.parse('permessage-deflate; client_max_window_bits')['permessage-deflate'] ?? [];
const deflate = new PerMessageDeflate({ isServer: true, threshold: 0 });
extension.format({ [PerMessageDeflate.extensionName]: deflate.accept(offers) }).length;
deflate.compress('x', true, (error, data) => error?.message ?? data?.length);
subprotocol.parse('a, b').has('a');
