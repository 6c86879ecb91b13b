/** The npm package `faye-websocket`; it compresses by an extension of its own, `permessage-deflate`. */
import { createServer } from 'node:http';
import process from 'node:process';
import WebSocket from 'faye-websocket';
import deflate from 'permessage-deflate';

const options = {
  maxLength: 64 * 1024 * 1024,
  extensions: process.env.DEFLATE === '1' ? [deflate] : [],
};

const fan = new Set();

createServer()
  .on('upgrade', (request, socket, head) => {
    const client = new WebSocket(request, socket, head, [], options);
    if (request.url === '/fan') join(client);
    else client.on('message', ({ data }) => client.send(data));
  })
  .listen(Number(process.argv[2]), '127.0.0.1');

function join(client) {
  fan.add(client);
  client.on('close', () => fan.delete(client));
  client.on('message', ({ data }) => {
    for (const other of fan) other.send(data);
  });
}
