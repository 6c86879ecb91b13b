/** Compression of one message of 1 KiB of JSON, each way, without context takeover and with it. */
import { constants, deflateRawSync } from 'node:zlib';
import { PerMessageDeflate, WindowPool } from '../../packages/protocol/dist/index.js';
import { ZlibCodec } from '../../packages/websocket/dist/zlib-codec.js';
import { createMessages } from '../load/messages.mjs';

const LEVEL = 3;
const MAX_LENGTH = 64 * 1024;
const WINDOW_BITS = 15;

const messages = createMessages('json', 1024).map(({ payload }) => payload);

export const group = {
  name: 'deflate, 1 KiB of JSON',
  cases: [
    encoding('encode', true),
    encoding('encode with takeover', false),
    decoding('decode'),
    {
      name: 'encode, zlib with its defaults',
      run: cycle((message) => deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH })),
    },
  ],
};

function encoding(name, noTakeover) {
  const extension = createExtension('server', noTakeover);
  return { name, run: cycle((message) => extension.encode(message, true)) };
}

function decoding(name) {
  const encoded = messages.map((message) => createExtension('client', true).encode(message, true));
  const extension = createExtension('server', true);
  let index = 0;
  return {
    name,
    run() {
      index = (index + 1) % encoded.length;
      return extension.decode(encoded[index], MAX_LENGTH);
    },
  };
}

function cycle(use) {
  let index = 0;
  return () => {
    index = (index + 1) % messages.length;
    return use(messages[index]);
  };
}

function createExtension(role, noTakeover) {
  const parameters = {
    serverNoContextTakeover: noTakeover,
    clientNoContextTakeover: noTakeover,
    serverMaxWindowBits: WINDOW_BITS,
    clientMaxWindowBits: WINDOW_BITS,
  };
  const codec = new ZlibCodec(LEVEL);
  return new PerMessageDeflate({ role, parameters, codec, windows: new WindowPool(), threshold: 0 });
}
