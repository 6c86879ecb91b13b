/** Messages that are deflated once and written by many connections, whatever each of them negotiated. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PreparedMessage, WindowPool } from '../src/index.ts';
import {
  allowedAll,
  type CodecCall,
  type DeflateSetup,
  NotingCodec,
  noise,
  openDeflating,
} from './deflating.ts';
import { frame } from './frames.ts';
import { hear, openConnection, takeBytes, takeFrames } from './transcript.ts';

const HELLO = 'text "HelloHello"';

/** What clients may have negotiated. */
const agreements: readonly NonNullable<DeflateSetup['parameters']>[] = [
  allowedAll,
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true, serverNoContextTakeover: true },
  { clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 10 },
  { serverMaxWindowBits: 10, serverNoContextTakeover: true },
];

describe('PreparedMessage, deflated', () => {
  it('is deflated once if it is short, and every client reads it', () => {
    assert.deepEqual(deflations(600, agreements), [{ windowBits: 10, dictionary: 0 }]);
  });

  it('is deflated once for each size of window that is smaller than what it needs', () => {
    const sizes = [15, 9, 12, 10, 11, 14, 13].map((serverMaxWindowBits) => ({ serverMaxWindowBits }));
    assert.deepEqual(windowsUsed(511, sizes), [9]);
    assert.deepEqual(windowsUsed(512, sizes), [10, 9]);
    assert.deepEqual(windowsUsed(1500, sizes), [11, 9, 10]);
    assert.deepEqual(windowsUsed(40_000, sizes), [15, 9, 12, 10, 11, 14, 13]);
  });

  it('leaves every context intact: what comes before and behind it is read as well', () => {
    const codec = new NotingCodec();
    for (const parameters of agreements) {
      const server = openDeflating('server', { parameters, codec });
      const client = openDeflating('client', { parameters });
      const say = (send: () => void) => {
        send();
        return hear(client, takeBytes(server).bytes);
      };
      const message = new PreparedMessage('HelloHello');
      assert.deepEqual(
        say(() => server.sendText('Hello, world')),
        ['text "Hello, world"'],
      );
      assert.deepEqual(
        say(() => server.sendPrepared(message)),
        [HELLO],
      );
      assert.deepEqual(
        say(() => server.sendPrepared(message)),
        [HELLO],
      );
      assert.deepEqual(
        say(() => server.sendText('Hello, HelloHello')),
        ['text "Hello, HelloHello"'],
      );
    }
  });

  it('can be referred to by what follows it, where contexts are taken over', () => {
    const server = openDeflating('server');
    server.sendPrepared(new PreparedMessage('Hello'));
    server.sendText('Hello');
    const [, second] = takeFrames(server);
    assert.deepEqual(second?.payload, Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00));
  });

  it('shares the bytes of a large frame, deflated as plain', () => {
    const message = new PreparedMessage(noise(20_000));
    const buffers = [openDeflating('server'), openDeflating('server')].map((server) => {
      server.sendPrepared(message);
      const [output] = server.takeOutput();
      assert.ok(output?.type === 'bytes' && output.bytes.length > 10_000);
      return output.bytes.buffer;
    });
    assert.equal(buffers[0], buffers[1]);
    assert.notEqual(buffers[0], message.frame.buffer);
  });

  it('is plain for who negotiated nothing, for who has a window of 8 bits, and below the threshold', () => {
    const codec = new NotingCodec();
    const message = new PreparedMessage('HelloHello');
    const plain = frame('server', 1, 'HelloHello');
    for (const server of [
      openConnection('server'),
      openDeflating('server', { parameters: { serverMaxWindowBits: 8 }, codec }),
      openDeflating('server', { threshold: 11, codec }),
    ]) {
      server.sendPrepared(message);
      assert.deepEqual(takeBytes(server).bytes, plain);
    }
    assert.equal(codec.deflations.length, 0);
  });

  it('costs one window a connection that takes its context over, and none where it does not', () => {
    const windows = new WindowPool();
    const message = new PreparedMessage('HelloHello');
    openDeflating('server', { windows, parameters: { serverNoContextTakeover: true } }).sendPrepared(message);
    assert.equal(windows.used, 0);
    openDeflating('server', { windows }).sendPrepared(message);
    assert.equal(windows.used, 10);
  });
});

/** The codec's calls when servers that have agreed on this, two on each, send one message of so many bytes. */
function deflations(
  length: number,
  agreed: typeof agreements,
): readonly Pick<CodecCall, 'windowBits' | 'dictionary'>[] {
  const codec = new NotingCodec();
  const message = new PreparedMessage('Hello'.repeat(length).slice(0, length));
  for (const parameters of [...agreed, ...agreed]) {
    const server = openDeflating('server', { parameters, codec });
    const client = openDeflating('client', { parameters });
    server.sendPrepared(message);
    assert.deepEqual(hear(client, takeBytes(server).bytes), hear(openConnection('client'), message.frame));
  }
  return codec.deflations.map(({ windowBits, dictionary }) => ({ windowBits, dictionary }));
}

function windowsUsed(length: number, agreed: typeof agreements): readonly (number | undefined)[] {
  return deflations(length, agreed).map(({ windowBits }) => windowBits);
}
