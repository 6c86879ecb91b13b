/** RFC 6455 §5.7: the RFC's own examples, byte by byte, read by the end that may receive them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connection, Opcode } from '../../src/index.ts';
import { concat, hex } from '../frames.ts';
import { hear, openConnection, said, takeBytes, takeEvents } from '../transcript.ts';

const unmaskedHello = hex(`
  81              # FIN, text
  05              # unmasked, 5 bytes
  48 65 6c 6c 6f  # "Hello"
`);

const maskedHello = hex(`
  81              # FIN, text
  85              # masked, 5 bytes
  37 fa 21 3d     # masking key
  7f 9f 4d 51 58  # "Hello", masked
`);

const fragmentedHello = hex(`
  01 03           # no FIN, text, 3 bytes
  48 65 6c        # "Hel"
  80 02           # FIN, continuation, 2 bytes
  6c 6f           # "lo"
`);

const unmaskedPing = hex(`
  89 05           # FIN, ping, 5 bytes
  48 65 6c 6c 6f  # "Hello"
`);

const maskedPong = hex(`
  8a 85           # FIN, pong, masked, 5 bytes
  37 fa 21 3d     # masking key
  7f 9f 4d 51 58  # "Hello", masked
`);

const bytes256 = Uint8Array.from({ length: 256 }, (_, i) => i);
const binary256 = concat(hex('82 7e 01 00  # FIN, binary, 16-bit length 256'), bytes256);

const bytes64Ki = new Uint8Array(64 * 1024).fill(0x40);
const binary64Ki = concat(
  hex('82 7f 00 00 00 00 00 01 00 00  # FIN, binary, 64-bit length 65536'),
  bytes64Ki,
);

describe('§5.7 Examples', () => {
  it('a single-frame unmasked text message', () => {
    assert.deepEqual(hear(openConnection('client'), unmaskedHello), ['text "Hello"']);
    const server = openConnection('server');
    server.sendText('Hello');
    assert.deepEqual(takeBytes(server).bytes, unmaskedHello);
  });

  it('a single-frame masked text message', () => {
    assert.deepEqual(hear(openConnection('server'), maskedHello), ['text "Hello"']);
    const client = new Connection({ role: 'client', randomMaskingKey: () => 0x3d21fa37 });
    client.sendText('Hello');
    assert.deepEqual(takeBytes(client).bytes, maskedHello);
  });

  it('a fragmented unmasked text message', () => {
    assert.deepEqual(hear(openConnection('client'), fragmentedHello), ['text "Hello"']);
    const server = openConnection('server');
    server.sendFragment(Buffer.from('Hel'), Opcode.Text, false);
    server.sendFragment(Buffer.from('lo'), Opcode.Text, true);
    assert.deepEqual(takeBytes(server).bytes, fragmentedHello);
  });

  it('an unmasked Ping request and a masked Pong response', () => {
    const client = new Connection({ role: 'client', randomMaskingKey: () => 0x3d21fa37 });
    assert.deepEqual(hear(client, unmaskedPing), ['ping "Hello"']);
    assert.deepEqual(takeBytes(client).bytes, maskedPong);
    const server = openConnection('server');
    server.sendPing(Buffer.from('Hello'));
    assert.deepEqual(takeBytes(server).bytes, unmaskedPing);
    assert.deepEqual(hear(server, maskedPong), ['pong "Hello"']);
    assert.deepEqual(said(server), []);
  });

  it('256 bytes binary message in a single unmasked frame', () => {
    const client = openConnection('client');
    client.receive(Uint8Array.from(binary256));
    assert.deepEqual(takeEvents(client), [{ type: 'message', opcode: 2, payload: bytes256 }]);
    const server = openConnection('server');
    server.sendBytes(bytes256);
    assert.deepEqual(takeBytes(server).bytes, binary256);
  });

  it('64 KiB binary message in a single unmasked frame', () => {
    const client = openConnection('client');
    client.receive(Uint8Array.from(binary64Ki));
    assert.deepEqual(takeEvents(client), [{ type: 'message', opcode: 2, payload: bytes64Ki }]);
    const server = openConnection('server');
    server.sendBytes(bytes64Ki);
    assert.deepEqual(takeBytes(server).bytes, binary64Ki);
  });
});
