/**
 * What has hurt others in compression, against the engine's own rules; how much of it zlib does, and how a server fares,
 * stands in packages/websocket/test/attacks/compression.test.ts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExtensionList } from '../../src/handshake/headers.ts';
import {
  acceptOffer,
  type Connection,
  checkAnswer,
  HandshakeError,
  Opcode,
  PreparedMessage,
} from '../../src/index.ts';
import { allowedAll, deflated, inflated, NotingCodec, noise, openDeflating } from '../deflating.ts';
import { concat, frame, hex, peerOf, roles, utf8 } from '../frames.ts';
import { hear, takeFrames } from '../transcript.ts';

const marked = { reserved: 4 };
const KIB = 1024;

for (const role of roles) {
  const peer = peerOf(role);

  describe(`${role}: a zip bomb (undici CVE-2026-1526; websockets#407; tornado#2391; centrifuge#584; httpcomponents#821; netdata#22828)`, () => {
    it('fails with 1009, and the codec is told where to stop', () => {
      const codec = new NotingCodec();
      const connection = openDeflating(role, { codec, limits: { maxMessageLength: 100 * KIB } });
      const bomb = deflated(new Uint8Array(10 * KIB * KIB));
      assert.ok(bomb.length < 11 * KIB);
      assert.deepEqual(hear(connection, frame(peer, 2, bomb, marked)), ['fail 1009 message-too-long']);
      assert.deepEqual(
        codec.inflations.map(({ maxLength }) => maxLength),
        [100 * KIB],
      );
    });

    it('one byte beyond the limit fails, as much as the limit passes', () => {
      const limits = { maxMessageLength: KIB };
      const within = frame(peer, 2, deflated(new Uint8Array(KIB)), marked);
      assert.match(hear(openDeflating(role, { limits }), within).join(), /^binary 1024 bytes/);
      const beyond = frame(peer, 2, deflated(new Uint8Array(KIB + 1)), marked);
      assert.deepEqual(hear(openDeflating(role, { limits }), beyond), ['fail 1009 message-too-long']);
    });
  });

  describe(`${role}: a limit on the compressed size alone (websocket-driver CVE-2026-54490; netty CVE-2025-58057, CVE-2026-42587)`, () => {
    it('is none: the sum over all fragments is limited inflated, in streaming mode too', () => {
      for (const streaming of [false, true]) {
        const connection = openDeflating(role, { limits: { maxMessageLength: 100 * KIB }, streaming });
        const bomb = deflated(new Uint8Array(KIB * KIB));
        const fragments = Array.from(bomb, (byte, i) =>
          frame(peer, i === 0 ? 2 : 0, Uint8Array.of(byte), {
            fin: i === bomb.length - 1,
            reserved: i === 0 ? 4 : 0,
          }),
        );
        assert.deepEqual(hear(connection, concat(...fragments)), ['fail 1009 message-too-long']);
      }
    });

    it('holds besides: compressed bytes beyond maxMessageLength are refused before they are inflated', () => {
      const codec = new NotingCodec();
      const connection = openDeflating(role, { codec, limits: { maxMessageLength: KIB } });
      assert.deepEqual(hear(connection, frame(peer, 2, noise(KIB + 1), marked)), [
        'fail 1009 message-too-long',
      ]);
      assert.equal(codec.inflations.length, 0);
    });
  });

  describe(`${role}: DEFLATE data with a bad end (civetweb CVE-2026-29035; uWebSockets#1653)`, () => {
    const text = 'Hello '.repeat(20);
    const whole = deflated(text);
    const rows: [title: string, payload: Uint8Array, heard: RegExp][] = [
      ['cut short', whole.slice(0, -5), /^fail 1007/],
      ['with its tail left on', concat(whole, hex('00 00 ff ff')), /^fail 1007/],
      ['with garbage behind it', concat(whole, hex('ff ff ff')), /^fail 1007/],
      ['with a block type that does not exist', hex('07'), /^fail 1007/],
      ['that looks back too far', hex('f2 00 11 00 00'), /^fail 1007/],
      ['in a stored block', concat(hex('00 05 00 fa ff'), utf8('Hello'), hex('00')), /^text "Hello"/],
      [
        'in a stored block of a wrong length',
        concat(hex('00 05 00 fb ff'), utf8('Hello'), hex('00')),
        /^fail 1007/,
      ],
      ['of nothing at all', hex(''), /^fail 1007/],
    ];
    for (const [title, payload, heard] of rows) {
      it(title, () => {
        assert.match(hear(openDeflating(role), frame(peer, 1, payload, marked)).join(), heard);
      });
    }

    it('marks on control frames and on continuations fail with 1002', () => {
      const begun = frame(peer, 1, whole.slice(0, 3), { reserved: 4, fin: false });
      for (const opcode of [0, 8, 9, 10]) {
        const bad = frame(peer, opcode, opcode === 0 ? whole.slice(3) : '', marked);
        assert.deepEqual(hear(openDeflating(role), begun, bad), ['fail 1002 reserved-bit-set']);
      }
    });

    it('text that is no UTF-8 once it is inflated fails with 1007', () => {
      assert.deepEqual(hear(openDeflating(role), frame(peer, 1, deflated(hex('ff')), marked)), [
        'fail 1007 invalid-utf8',
      ]);
    });
  });

  describe(`${role}: contexts that run apart (sockudo-ws#14; bun#41629)`, () => {
    it('messages sent plain, compressed, in fragments and shared leave both sides with the same context', () => {
      const connection = openDeflating(role);
      const ways = role === 'server' ? 4 : 3;
      let context = '';
      for (let i = 0; i < 200; i++) {
        const text = `message ${i % 17} `.repeat(1 + (i % 5));
        sendSomehow(connection, text, (i * 7 + (i >> 2)) % ways);
        const frames = takeFrames(connection);
        const payload = concat(...frames.map((each) => each.payload));
        const isCompressed = frames[0]?.reserved === 4;
        assert.equal(isCompressed ? inflated(payload, context) : Buffer.from(payload).toString(), text);
        if (isCompressed) context = (context + text).slice(-(2 ** 15));
      }
    });

    it('messages received plain and compressed do as well', () => {
      const connection = openDeflating(role);
      let context = '';
      for (let i = 0; i < 200; i++) {
        const text = `message ${i % 17} `.repeat(1 + (i % 5));
        const isCompressed = (i * 5) % 3 > 0;
        const payload = isCompressed ? deflated(text, context) : utf8(text);
        if (isCompressed) context = (context + text).slice(-(2 ** 15));
        const [heard] = hear(connection, frame(peer, 1, payload, isCompressed ? marked : {}));
        assert.match(heard ?? '', /^text|^\d+ bytes/);
        assert.equal(connection.state, 'open');
      }
    });
  });

  describe(`${role}: secrets told by the length of what they are compressed with (CRIME, BREACH; RFC 7692 §8)`, () => {
    it('a message is sent as it is if it is told to, and later ones do not refer to it', () => {
      const connection = openDeflating(role);
      const secret = noise(100);
      connection.sendBytes(secret, Opcode.Binary, false);
      connection.sendBytes(secret, Opcode.Binary, true);
      const [plain, compressed] = takeFrames(connection);
      assert.deepEqual([plain?.reserved, plain?.payload], [0, secret]);
      assert.ok(
        (compressed?.payload.length ?? 0) >= 100,
        'a reference would have told that they are the same',
      );
    });

    it('a prepared message can say so for all of its connections', () => {
      if (role === 'client') return;
      const connection = openDeflating(role);
      connection.sendPrepared(new PreparedMessage('secret', { compress: false }));
      assert.deepEqual(
        takeFrames(connection).map(({ reserved }) => reserved),
        [0],
      );
    });
  });
}

describe('windows out of range (undici CVE-2026-2229)', () => {
  const values = [
    '=0',
    '=7',
    '=16',
    '=+9',
    '=09',
    '=9.0',
    '=1e1',
    '="7"',
    '=255',
    '=-9',
    '=99999999999999999999',
  ];

  for (const value of values) {
    it(`server_max_window_bits${value} and client_max_window_bits${value} are declined, and fail as an answer`, () => {
      for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
        const list = parseExtensionList(`permessage-deflate; ${name}${value}`);
        assert.ok(list);
        assert.equal(acceptOffer(list, allowedAll), undefined);
        assert.throws(() => checkAnswer(list, allowedAll), HandshakeError);
      }
    });
  }

  it('one that is empty does not follow the grammar', () => {
    for (const value of ['=', '=""', '=" "']) {
      assert.equal(parseExtensionList(`permessage-deflate; server_max_window_bits${value}`), undefined);
    }
  });

  it('one that comes twice is declined', () => {
    for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
      const list = parseExtensionList(`permessage-deflate; ${name}=10; ${name}=10`);
      assert.equal(acceptOffer(list ?? [], allowedAll), undefined);
    }
  });

  it('one in quotes counts as what it stands for (RFC 6455 §9.1)', () => {
    const list = parseExtensionList('permessage-deflate; server_max_window_bits="10"');
    assert.equal(acceptOffer(list ?? [], allowedAll)?.parameters.serverMaxWindowBits, 10);
  });

  it('one of 8 bits is never promised for what we send', () => {
    const list = parseExtensionList('permessage-deflate; server_max_window_bits=8');
    assert.equal(acceptOffer(list ?? [], allowedAll), undefined);
  });
});

/** Sends a message in one of the ways that there are, the last for a server only. */
function sendSomehow(connection: Connection, text: string, way: number): void {
  if (way === 0) connection.sendText(text, false);
  else if (way === 1) connection.sendText(text);
  else if (way === 3) connection.sendPrepared(new PreparedMessage(text));
  else {
    connection.sendFragment(utf8(text.slice(0, 3)), Opcode.Text, false, true);
    connection.sendFragment(utf8(text.slice(3)), Opcode.Text, true, true);
  }
}
