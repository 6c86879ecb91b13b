/**
 * The memory that peers can make us hold: an account for each connection, one budget for the process, the windows of
 * compression among it. Byte for byte, and given back on every way on which a connection ends.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createInflateRaw } from 'node:zlib';
import fc from 'fast-check';
import {
  Budget,
  Connection,
  InternalError,
  type Limits,
  Opcode,
  PerMessageDeflate,
  type Role,
  resolveLimits,
  WindowPool,
} from '../src/index.ts';
import { allowedAll, deflated, NotingCodec, noise } from './deflating.ts';
import { closePayload, concat, frame, peerOf, roles, utf8 } from './frames.ts';
import { hear, takeBytes, takeEvents, takeFrames } from './transcript.ts';

const more = { fin: false };
const marked = { reserved: 4 };
const KIB = 1024;
/** What a piece costs beside its bytes. */
const OVERHEAD = 192;
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
const WINDOW = 2 ** 15;

interface Setup {
  readonly budget?: Budget;
  readonly windows?: WindowPool;
  readonly limits?: Partial<Limits>;
}

function open(role: Role, { budget = new Budget(), windows, limits = {} }: Setup = {}): Connection {
  const extension =
    windows &&
    new PerMessageDeflate({ role, parameters: allowedAll, codec: new NotingCodec(), windows, threshold: 0 });
  extension?.reserveWindow();
  const options = { budget, limits: resolveLimits(limits), extension };
  return role === 'client'
    ? new Connection({ role, randomMaskingKey: () => 0x44332211, ...options })
    : new Connection({ role, ...options });
}

/** The ways on which a connection ends. */
const endings: Readonly<Record<string, (connection: Connection, peer: Role) => void>> = {
  'the peer’s Close': (connection, peer) => hear(connection, frame(peer, 8, closePayload(1000))),
  'our Close': (connection, peer) => {
    connection.close(1000);
    hear(connection, frame(peer, 8, closePayload(1000)));
  },
  'a violation': (connection) => hear(connection, Uint8Array.of(0xff, 0xff)),
  'a failure of ours': (connection) =>
    connection.fail(new InternalError('unexpected-condition', 'a test', { cause: undefined })),
  'the end of the transport': (connection) => {
    connection.receiveEnd();
    takeEvents(connection);
  },
  'nothing but the loss of the transport': () => undefined,
};

/** What may happen before. */
type Act = (connection: Connection, peer: Role) => void;

const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.nat(40_000).map(
    (length): Act =>
      (connection) =>
        void connection.sendBytes(new Uint8Array(length)),
  ),
  fc.nat(9000).map(
    (length): Act =>
      (connection, peer) => {
        hear(
          connection,
          frame(peer, 9, new Uint8Array(length % 126)),
          frame(peer, 1, deflated('a'.repeat(length)), marked),
        );
      },
  ),
  fc.nat(40_000).map(
    (length): Act =>
      (connection, peer) => {
        hear(
          connection,
          frame(peer, 2, new Uint8Array(length), more),
          frame(peer, 0, new Uint8Array(length % 100), more),
        );
      },
  ),
  fc.boolean().map(
    (isLast): Act =>
      (connection, peer) =>
        void hear(connection, frame(peer, 0, 'x', { fin: isLast })),
  ),
  fc.boolean().map(
    (isStuck): Act =>
      (connection) =>
        connection.setStuck(isStuck),
  ),
  fc.constant<Act>((connection) => void takeBytes(connection)),
);

for (const role of roles) {
  const peer = peerOf(role);

  describe(`the budget, ${role}`, () => {
    for (const [name, end] of Object.entries(endings)) {
      it(`is all there again after ${name}`, () => {
        const property = fc.property(fc.array(acts, { maxLength: 12 }), (sequence) => {
          const budget = new Budget(1024 * KIB);
          const windows = new WindowPool(100 * KIB, budget);
          const connection = open(role, { budget, windows, limits: { maxHeldBytes: 200 * KIB } });
          for (const act of sequence) {
            act(connection, peer);
            assert.ok(budget.used >= windows.used && budget.used <= budget.limit);
          }
          end(connection, peer);
          connection.abandon();
          assert.deepEqual([budget.used, windows.used], [0, 0]);
          connection.abandon();
          connection.sendText('late');
          hear(connection, frame(peer, 2, 'late', more));
          assert.deepEqual([budget.used, windows.used], [0, 0]);
        });
        fc.assert(property, { numRuns: 150 });
      });
    }

    it('is charged for fragments, with what each costs beside its bytes, until the message is whole', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      const fragment = frame(peer, 2, new Uint8Array(5000), more);
      hear(connection, fragment);
      assert.equal(budget.used, fragment.length + OVERHEAD);
      hear(connection, frame(peer, 0, 'x', more));
      assert.equal(budget.used, fragment.length + OVERHEAD + 128 + OVERHEAD);
      hear(connection, frame(peer, 0, 'y'));
      assert.equal(budget.used, 0);
    });

    it('is charged for the output until it is taken, and on until a stuck transport has taken it too', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      connection.sendText('Hello');
      const small = connection.bufferedOutput;
      assert.equal(budget.used, small);
      connection.sendBytes(new Uint8Array(10_000));
      const all = connection.bufferedOutput + OVERHEAD;
      assert.equal(budget.used, all);
      takeBytes(connection);
      assert.equal(budget.used, 0);
      connection.setStuck(true);
      assert.equal(budget.used, all);
      connection.sendText('Hello');
      connection.setStuck(true);
      assert.equal(budget.used, all + small);
      connection.setStuck(false);
      assert.equal(budget.used, small);
      takeBytes(connection);
      assert.equal(budget.used, 0);
    });

    it('is charged for answers to Pings', () => {
      const budget = new Budget();
      const connection = open(role, { budget });
      hear(connection, frame(peer, 9, 'x'.repeat(100)), frame(peer, 9, 'y'.repeat(100)));
      assert.equal(budget.used, connection.bufferedOutput);
      assert.ok(budget.used > 200);
    });

    it('that has not enough for fragments fails the connection with 1009', () => {
      const fragment = frame(peer, 2, new Uint8Array(5000), more);
      for (const setup of [{ budget: new Budget(5000) }, { limits: { maxHeldBytes: 5000 } }]) {
        const connection = open(role, setup);
        assert.deepEqual(hear(connection, fragment), ['fail 1009 input-over-budget']);
      }
      const exact = fragment.length + OVERHEAD;
      assert.deepEqual(hear(open(role, { budget: new Budget(exact) }), fragment), []);
      assert.deepEqual(hear(open(role, { budget: new Budget(exact - 1) }), fragment), [
        'fail 1009 input-over-budget',
      ]);
    });

    it('that has not enough for the output fails the connection with 1008', () => {
      for (const setup of [{ budget: new Budget(100) }, { limits: { maxHeldBytes: 100 } }]) {
        const connection = open(role, setup);
        connection.sendBytes(new Uint8Array(101));
        assert.deepEqual(hear(connection, new Uint8Array(0)), ['fail 1008 output-over-budget']);
        assert.deepEqual(
          takeFrames(connection).map(({ opcode }) => opcode),
          [8],
        );
      }
    });

    it('that others have used up fails who asks for more, and has room again when they are gone', () => {
      const budget = new Budget(10_000);
      const hog = open(role, { budget });
      hear(hog, frame(peer, 2, new Uint8Array(8000), more));
      const connection = open(role, { budget });
      assert.deepEqual(hear(connection, frame(peer, 2, new Uint8Array(5000), more)), [
        'fail 1009 input-over-budget',
      ]);
      connection.abandon();
      hog.abandon();
      assert.equal(budget.used, 0);
      assert.deepEqual(hear(open(role, { budget }), frame(peer, 2, new Uint8Array(5000), more)), []);
    });
  });

  describe(`the windows, ${role}`, () => {
    it('that are received with are reserved when they are agreed on', () => {
      const budget = new Budget();
      const windows = new WindowPool(2 * WINDOW, budget);
      const connections = [open(role, { windows }), open(role, { windows })];
      assert.deepEqual([windows.used, budget.used], [2 * WINDOW, 2 * WINDOW]);
      const third = { role, parameters: allowedAll, codec: new NotingCodec(), windows, threshold: 0 };
      assert.equal(new PerMessageDeflate(third).reserveWindow(), false);
      const withoutTakeover = { ...allowedAll, serverNoContextTakeover: true, clientNoContextTakeover: true };
      assert.equal(new PerMessageDeflate({ ...third, parameters: withoutTakeover }).reserveWindow(), true);
      for (const connection of connections) connection.abandon();
      assert.deepEqual([windows.used, budget.used], [0, 0]);
    });

    it('that are sent with come from the pool, the least recently used going first', () => {
      const windows = new WindowPool(2 * WINDOW + 2500);
      const [a, b] = [open(role, { windows }), open(role, { windows })];
      const send = (connection: Connection): number => {
        connection.sendBytes(noise(1000));
        return takeBytes(connection).bytes.length;
      };
      const fresh = send(a);
      assert.ok(send(a) < fresh / 2, 'refers to what was sent before');
      assert.equal(windows.used, 2 * WINDOW + 2000);
      send(b);
      assert.equal(windows.used, 2 * WINDOW + 1000);
      assert.ok(send(b) < fresh / 2);
      assert.equal(send(a), fresh);
    });

    it('that are dropped break no context: a running zlib stream reads every message', async () => {
      const windows = new WindowPool(4 * WINDOW + 3000);
      const connections = Array.from({ length: 4 }, () => open(role, { windows }));
      const readers = connections.map(() => createInflateRaw());
      const received = readers.map(collect);
      const sent = connections.map((): string[] => []);
      for (let i = 0; i < 200; i++) {
        const index = (i * 7 + (i >> 3)) % 4;
        const text = `message ${i % 13} `.repeat(1 + (i % 40));
        const payload = sendCompressed(connections[index], text, i % 5 === 0);
        readers[index]?.write(concat(payload, TAIL));
        sent[index]?.push(text);
      }
      for (const reader of readers) reader.end(Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff));
      assert.deepEqual(
        await Promise.all(received),
        sent.map((texts) => texts.join('')),
      );
      for (const connection of connections) connection.abandon();
      assert.equal(windows.used, 0);
    });
  });
}

/** Sends a message, whole or in fragments, and returns its compressed payload. */
function sendCompressed(connection: Connection | undefined, text: string, inFragments: boolean): Uint8Array {
  assert.ok(connection);
  const bytes = utf8(text);
  if (inFragments) {
    connection.sendFragment(bytes.subarray(0, 5), Opcode.Text, false, true);
    connection.sendFragment(bytes.subarray(5), Opcode.Text, true, true);
  } else connection.sendText(text);
  return concat(...takeFrames(connection).map(({ payload }) => payload));
}

/** All that a stream gives, as text. */
async function collect(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
