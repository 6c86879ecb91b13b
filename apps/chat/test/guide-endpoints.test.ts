import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ChatServer } from '../server/chat-server.ts';
import {
  broadcastPath,
  helloDurationMs,
  helloPath,
  helloSilenceMs,
  lastWordOf,
} from '../server/guide-endpoints.ts';
import { FakeClock } from './fake-clock.ts';
import { makePageFolder } from './page-folder.ts';
import { TestSocket } from './test-socket.ts';

const folder = makePageFolder();
const clock = new FakeClock();
const server = new ChatServer({ root: folder.path, now: clock.now, schedule: clock.schedule });
let host = '';

before(async () => {
  const port = await server.listen({ port: 0, hosts: ['127.0.0.1'] });
  host = `127.0.0.1:${port}`;
});

after(async () => {
  await server.close();
  folder.remove();
});

describe('the guide’s chat endpoint', () => {
  it('sends each message as it came to everybody, its sender included', async () => {
    const [ana, bo] = [connect(broadcastPath), connect(broadcastPath)];
    await Promise.all([ana.opened, bo.opened]);
    for (const message of ['hello', '', ' <b>&amp;</b>\n', '👩‍👩‍👧', 'x'.repeat(10_000)]) {
      await ana.send(message);
      assert.deepEqual(await Promise.all([ana.next(), bo.next()]), [message, message]);
    }
  });

  it('sends bytes as bytes', async () => {
    const ana = connect(broadcastPath);
    await ana.send(new Uint8Array([1, 2, 3]));
    const received = await ana.next();
    assert.ok(received instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(received), new Uint8Array([1, 2, 3]));
  });

  it('takes any Origin', async () => {
    assert.equal(await connect(broadcastPath, 'https://elsewhere.example').opened, true);
  });

  it('ends a flood with 1008', async () => {
    const ana = connect(broadcastPath);
    for (let i = 0; i < 60; i += 1) await ana.send('flood');
    assert.deepEqual(await ana.closed, { code: 1008, reason: 'Too many messages' });
  });

  it('ends a huge message with 1009', async () => {
    const ana = connect(broadcastPath);
    await ana.send('x'.repeat(1_000_000));
    assert.equal((await ana.closed).code, 1009);
  });
});

describe('the guide’s hello endpoint', () => {
  it('greets by the last word and says goodbye five seconds later', async () => {
    const ana = connect(helloPath, 'https://elsewhere.example');
    await ana.send('My name is John');
    assert.equal(await ana.next(), 'Hello from server, John!');
    await ana.send('and now Jane');
    assert.equal(await ana.next(), 'Hello from server, Jane!');
    assert.equal(helloDurationMs, 5_000);
    clock.advance(helloDurationMs);
    assert.deepEqual(await ana.closed, { code: 1000, reason: 'Bye!' });
  });

  it('ends the connection of whoever says nothing with 1001, and no earlier than after a minute', async () => {
    const before = clock.pending;
    const [silent, late] = [connect(helloPath), connect(helloPath)];
    await Promise.all([silent.opened, late.opened]);
    assert.equal(helloSilenceMs, 60_000);
    clock.advance(helloSilenceMs - 1);
    await late.send('My name is Bo');
    assert.equal(await late.next(), 'Hello from server, Bo!');
    clock.advance(1);
    assert.deepEqual(await silent.closed, { code: 1001, reason: 'Nothing was said' });
    clock.advance(helloDurationMs - 1);
    assert.deepEqual(await late.closed, { code: 1000, reason: 'Bye!' });
    assert.equal(clock.pending, before);
  });

  it('ends bytes with 1003', async () => {
    const ana = connect(helloPath);
    await ana.send(new Uint8Array([1]));
    assert.equal((await ana.closed).code, 1003);
  });

  const words: readonly (readonly [text: string, word: string])[] = [
    ['Hello from client', 'client'],
    ['My name is John.', 'John'],
    ["I am O'Neill!", "O'Neill"],
    ['제 이름은 하늘', '하늘'],
    ['', 'Guest'],
    ['?!', 'Guest'],
  ];
  for (const [text, word] of words) {
    it(`finds ${word} in ${JSON.stringify(text)}`, () => {
      assert.equal(lastWordOf(text), word);
    });
  }
});

function connect(path: string, origin?: string): TestSocket {
  return new TestSocket(`ws://${host}${path}`, origin === undefined ? {} : { origin });
}
