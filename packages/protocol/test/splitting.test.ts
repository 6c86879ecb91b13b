/**
 * However the transport cuts what arrives, the events are the same; and whatever arrives, the engine answers with
 * events, not with exceptions, and its output does not grow beyond what it was asked.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Role } from '../src/index.ts';
import { closePayload, concat, frame, header, hex, peerOf, roles, utf8 } from './frames.ts';
import { hear, hearEnd, openConnection, said, takeBytes } from './transcript.ts';

const more = { fin: false };

/** What a peer may send, well-formed or not, by name. */
function samples(peer: Role): Readonly<Record<string, Uint8Array>> {
  const fragments = [
    frame(peer, 1, 'Hé', more),
    frame(peer, 9, 'p'),
    frame(peer, 0, '', more),
    frame(peer, 0, '€'),
  ];
  return {
    'a text': frame(peer, 1, 'Hello'),
    'an empty text': frame(peer, 1),
    'a text of 126 bytes': frame(peer, 1, 'é'.repeat(63)),
    'a binary message of 300 bytes': frame(peer, 2, new Uint8Array(300).fill(7)),
    'a fragmented text around a Ping': concat(...fragments),
    'several messages': concat(
      frame(peer, 1, 'a'),
      frame(peer, 2, 'b'),
      frame(peer, 10),
      frame(peer, 1, 'c'),
    ),
    'a Ping of 125 bytes': frame(peer, 9, 'p'.repeat(125)),
    'a Close frame and what is behind it': concat(
      frame(peer, 8, closePayload(1000, 'bye')),
      frame(peer, 1, 'late'),
    ),
    'an empty Close frame inside a message': concat(frame(peer, 2, 'a', more), frame(peer, 8)),
    'a reserved bit': concat(frame(peer, 1, 'a'), frame(peer, 1, 'b', { reserved: 4 })),
    'a reserved opcode': concat(frame(peer, 1, 'a'), frame(peer, 0xb, 'b')),
    'a frame with the wrong mask': frame(peerOf(peer), 1, 'Hello'),
    'a control frame in fragments': concat(frame(peer, 1, 'a'), frame(peer, 9, 'p', more)),
    'a control frame that is too long': frame(peer, 9, 'p'.repeat(126)),
    'a length that is not minimal': concat(frame(peer, 1, 'a'), header(peer, 2, 5, 16), new Uint8Array(9)),
    'a length of 2^63': concat(frame(peer, 1, 'a'), header(peer, 2, 2n ** 63n, 64), new Uint8Array(4)),
    'a length of 2^40': concat(frame(peer, 1, 'a'), header(peer, 2, 2n ** 40n, 64), new Uint8Array(4)),
    'a continuation of nothing': concat(frame(peer, 1, 'a'), frame(peer, 0, 'b')),
    'a message inside another': concat(frame(peer, 1, 'a', more), frame(peer, 2, 'b')),
    'a text with a bad byte': frame(peer, 1, concat(utf8('Hello'), hex('ff'), utf8('behind'))),
    'a text that is cut short': concat(frame(peer, 1, hex('e2 82'), more), frame(peer, 0)),
    'a Close frame with a bad code': frame(peer, 8, closePayload(1005)),
    'a Close frame with a bad reason': frame(peer, 8, closePayload(1000, hex('ff'))),
    'a Close frame of one byte': frame(peer, 8, hex('03')),
  };
}

for (const role of roles) {
  const peer = peerOf(role);

  describe(`splitting, ${role}`, () => {
    for (const [name, bytes] of Object.entries(samples(peer))) {
      it(`${name}: split at each byte, it gives the same events and the same answer`, () => {
        const whole = tell(role, [bytes]);
        assert.ok(whole.length > 1);
        for (let at = 1; at < bytes.length; at++) {
          assert.deepEqual(tell(role, [bytes.subarray(0, at), bytes.subarray(at)]), whole);
        }
        assert.deepEqual(tell(role, cut(bytes, everywhere)), whole);
      });
    }

    it('random sequences of these, randomly split, give the same events and the same answer', () => {
      const known = Object.values(samples(peer));
      const sequences = fc.array(fc.constantFrom(...known), { minLength: 1, maxLength: 6 });
      const cuts = fc.array(fc.nat(1000), { maxLength: 30 });
      const property = fc.property(sequences, cuts, (sequence, places) => {
        const bytes = concat(...sequence);
        assert.deepEqual(
          tell(
            role,
            cut(bytes, (index) => places.includes(index)),
          ),
          tell(role, [bytes]),
        );
      });
      fc.assert(property, { numRuns: 300 });
    });

    it('random well-formed frames, randomly split, give the messages that they make', () => {
      const property = fc.property(conversations(peer), fc.infiniteStream(fc.boolean()), (sent, coins) => {
        const chunks = cut(concat(...sent.frames), () => coins.next().value === true);
        assert.deepEqual(hear(openConnection(role), ...chunks), sent.events);
      });
      fc.assert(property, { numRuns: 200 });
    });

    it('random bytes, and well-formed ones with some changed, end in events, never in an exception', () => {
      const wellFormed = fc
        .array(fc.constantFrom(...Object.values(samples(peer))), { minLength: 1, maxLength: 5 })
        .map((sequence) => concat(...sequence));
      const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 });
      const changed = fc.tuple(wellFormed, changes).map(([bytes, list]) => change(bytes, list));
      const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (bytes) => {
        const connection = openConnection(role, { maxFramePayloadLength: 10_000 });
        const heard = [...hear(connection, bytes), ...hearEnd(connection)];
        const endings = heard.filter((line) => /^(close|fail|lost)/.test(line));
        assert.equal(endings.length, 1, heard.join());
        assert.equal(heard.at(-1), endings[0]);
        const { bytes: answer, ended } = takeBytes(connection);
        // A Pong is as long as its Ping, but for the mask; a Close frame ends it all.
        assert.ok(answer.length <= 3 * bytes.length + 200);
        assert.equal(ended, true);
      });
      fc.assert(property, { numRuns: 2000 });
    });
  });
}

/** All that a connection tells and says when it receives these chunks. */
function tell(role: Role, chunks: readonly Uint8Array[]): string[] {
  const connection = openConnection(role);
  return [...hear(connection, ...chunks), '—', ...said(connection)];
}

function everywhere(): boolean {
  return true;
}

function cut(bytes: Uint8Array, isCut: (index: number) => boolean): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (let i = 1; i <= bytes.length; i++) {
    if (i < bytes.length && !isCut(i)) continue;
    chunks.push(bytes.subarray(start, i));
    start = i;
  }
  return chunks;
}

function change(bytes: Uint8Array, changes: readonly (readonly [at: number, byte: number])[]): Uint8Array {
  const changed = bytes.slice();
  for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
  return changed;
}

interface Conversation {
  readonly frames: readonly Uint8Array[];
  readonly events: readonly string[];
}

/** Messages in fragments with control frames between them, and the events that they make. */
function conversations(peer: Role): fc.Arbitrary<Conversation> {
  const word = fc.constantFrom('', 'a', 'é', '€', '👋', 'Hello', 'x'.repeat(90));
  const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.constantFrom('', 'p', 'Hello') });
  const fragment = fc.record({ word, cutAt: fc.nat(4), controls: fc.array(control, { maxLength: 2 }) });
  const message = fc.array(fragment, { minLength: 1, maxLength: 4 });
  return fc.array(message, { minLength: 1, maxLength: 5 }).map((messages) => {
    const parts = messages.map((fragments) => converse(peer, fragments));
    return { frames: parts.flatMap(({ frames }) => frames), events: parts.flatMap(({ events }) => events) };
  });
}

interface Fragment {
  readonly word: string;
  /** Where the word is cut, so that a code point lies in two fragments. */
  readonly cutAt: number;
  readonly controls: readonly { readonly opcode: number; readonly payload: string }[];
}

function converse(peer: Role, fragments: readonly Fragment[]): Conversation {
  const frames: Uint8Array[] = [];
  const events: string[] = [];
  fragments.forEach(({ word, cutAt, controls }, i) => {
    const bytes = utf8(word);
    frames.push(frame(peer, i === 0 ? 1 : 0, bytes.subarray(0, cutAt), more));
    for (const { opcode, payload } of controls) {
      frames.push(frame(peer, opcode, payload));
      events.push(`${opcode === 9 ? 'ping' : 'pong'} "${payload}"`);
    }
    frames.push(frame(peer, 0, bytes.subarray(cutAt), { fin: i === fragments.length - 1 }));
  });
  return {
    frames,
    events: [...events, `text ${JSON.stringify(fragments.map(({ word }) => word).join(''))}`],
  };
}
