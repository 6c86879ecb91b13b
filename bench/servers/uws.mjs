/** uWebSockets.js, native, in Node: `/fan` is one of its topics, so that it joins what it sends by itself. */
import process from 'node:process';
import uWS from '@trufflesuite/uws-js-unofficial';

const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024;

const compress = process.env.DEFLATE === '1';
const behaviour = {
  maxPayloadLength: MAX_MESSAGE_LENGTH,
  maxBackpressure: 2 * MAX_MESSAGE_LENGTH,
  compression: compress ? uWS.SHARED_COMPRESSOR : uWS.DISABLED,
};

const app = uWS.App();

app.ws('/echo', {
  ...behaviour,
  message: (socket, message, isBinary) => socket.send(message, isBinary, compress),
});

app.ws('/fan', {
  ...behaviour,
  open: (socket) => socket.subscribe('fan'),
  message: (_socket, message, isBinary) => app.publish('fan', message, isBinary, compress),
});

app.listen('127.0.0.1', Number(process.argv[2]), (listening) => {
  if (!listening) throw new Error(`Expected port ${process.argv[2]} to be free, received a refusal`);
});
