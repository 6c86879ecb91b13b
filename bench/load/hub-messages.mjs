/**
 * What a client of our hub says and hears under `hawser.v1` (docs/wire.md): the greeting of a subscriber and of a
 * publisher, publications as bytes in which only a number changes, and what has to come of each.
 */
import { encodeMessage, Opcode } from './frames.mjs';

export const SUBPROTOCOL = 'hawser.v1';

const CHANNEL = 'fan:all';
const PUBLISHER = 'publisher';
/** Publications are numbered from here on, so that their numbers have the same length. */
const FIRST_NUMBER = 1_000_000_000;
const DIGITS = String(FIRST_NUMBER).length;

let subscriberCount = 0;

/** Says who it is, each subscriber another user, and subscribes. */
export function greetSubscriber() {
  const user = `user-${subscriberCount++}`;
  const subscribe = { type: 'subscribe', id: 2, channel: CHANNEL };
  return greet(user, [subscribe], [{ type: 'subscribed', id: 2, channel: CHANNEL, policy: 'every' }]);
}

/** Says who it is. */
export function greetPublisher() {
  return greet(PUBLISHER, [], []);
}

/** A message's publications, number after number, as the bytes of a frame. */
export class PublicationFrame {
  bytes;
  /** Where its number stands, and with which bytes of the masking key. */
  #digits;

  /** @param message Text. */
  constructor({ payload }) {
    const number = FIRST_NUMBER;
    const data = Buffer.from(payload).toString('latin1');
    const text = JSON.stringify({
      type: 'publish',
      id: number,
      channel: CHANNEL,
      messageId: String(number),
      data,
    });
    const command = Buffer.from(text);
    this.bytes = encodeMessage({ opcode: Opcode.Text, payload: command }, false);
    const payloadAt = this.bytes.length - command.length;
    const places = [text.indexOf(String(number)), text.lastIndexOf(String(number))];
    this.#digits = Array.from({ length: DIGITS }, (_, digit) =>
      places.map((place) => ({
        at: payloadAt + place + digit,
        mask: this.bytes[payloadAt - 4 + ((place + digit) & 3)],
      })),
    );
  }

  /** Calls back with the place and the byte of each digit of the publication with this index. */
  number(index, set) {
    const digits = String(FIRST_NUMBER + index);
    for (let i = 0; i < DIGITS; i++) {
      for (const { at, mask } of this.#digits[i]) set(at, digits.charCodeAt(i) ^ mask);
    }
  }
}

/** Checks the event that the publication with this index leads to. @throws Error if it is another. */
export function checkEvent(frame, index, { payload }) {
  const { at, ...event } = readText(frame);
  const expected = {
    type: 'message',
    channel: CHANNEL,
    offset: index + 1,
    user: PUBLISHER,
    messageId: String(FIRST_NUMBER + index),
    data: Buffer.from(payload).toString('latin1'),
  };
  checkSame(event, expected);
  const age = Date.now() - at;
  if (!(age > -1000 && age < 60_000)) throw new Error(`Expected the time of now, received ${at}`);
}

/** Checks the reply to the publication with this index. @throws Error if it is another. */
export function checkReply(frame, index) {
  const { position, ...reply } = readText(frame);
  checkSame(reply, { type: 'published', id: FIRST_NUMBER + index, channel: CHANNEL });
  if (position.offset !== index + 1)
    throw new Error(`Expected offset ${index + 1}, received ${position.offset}`);
}

function greet(user, commands, replies) {
  const connect = { type: 'connect', id: 1, token: `token of ${user}` };
  const expected = [{ type: 'connected', id: 1, user }, ...replies];
  return {
    bytes: Buffer.concat([connect, ...commands].map(encodeCommand)),
    answers: expected.length,
    check(frame, index) {
      const reply = readText(frame);
      const names = Object.keys(expected[index]);
      checkSame(Object.fromEntries(names.map((name) => [name, reply[name]])), expected[index]);
    },
  };
}

function encodeCommand(command) {
  return encodeMessage({ opcode: Opcode.Text, payload: Buffer.from(JSON.stringify(command)) }, false);
}

function readText({ fin, rsv1, opcode, payload }) {
  if (!fin || rsv1 || opcode !== Opcode.Text)
    throw new Error('Expected plain text, received another message');
  return JSON.parse(payload.toString());
}

/** Compares objects of strings and numbers, in the order of their fields. */
function checkSame(received, expected) {
  const [text, expectedText] = [JSON.stringify(received), JSON.stringify(expected)];
  if (text !== expectedText) throw new Error(`Expected ${expectedText}, received ${text}`);
}
