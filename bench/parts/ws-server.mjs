/** The servers of everything that has the interface of the npm package `ws`: one for each of the two paths. */
import { createServer } from 'node:http';
import process from 'node:process';

const options = {
  noServer: true,
  maxPayload: 64 * 1024 * 1024,
  maxFragments: 131_072,
  perMessageDeflate: process.env.DEFLATE === '1',
};

/** Listens on the port that the command line names. */
export function serve(WebSocketServer) {
  const echo = new WebSocketServer(options).on('connection', (client) => {
    client.on('message', (data, binary) => client.send(data, { binary }));
  });
  const fan = new WebSocketServer(options).on('connection', (client) => {
    client.on('message', (data, binary) => {
      for (const other of fan.clients) other.send(data, { binary });
    });
  });
  createServer()
    .on('upgrade', (request, socket, head) => {
      const server = request.url === '/fan' ? fan : echo;
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    })
    .listen(Number(process.argv[2]), '127.0.0.1');
}
