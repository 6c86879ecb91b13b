/**
 * One client in a process of its own: takes the work as JSON and ends with 1 if what it received was not what was
 * sent. The other end, in `load/`, takes the time.
 */
import process from 'node:process';
import { createMessages } from '../load/messages.mjs';

/** Beyond this many bytes waiting to be sent, or this many messages sent, a turn of the event loop is awaited. */
const HIGH_WATER_MARK = 1024 * 1024;
const MESSAGES_A_TURN = 1024;
/** Every message is counted and its place in the cycle checked; of so many, one is compared to the last byte. */
const SAMPLE = 16;
const MARK_LENGTH = 8;

const work = JSON.parse(process.argv[2]);
const { connect } = await import(`./${work.name}.mjs`);
const messages = createMessages(work.content, work.size).map(({ payload }) => Buffer.from(payload));
const url = `ws://127.0.0.1:${work.port}/`;

if (work.direction === 'receive') receive();
else send();

/** The server says at the end, in text, how many messages it has sent. */
function receive() {
  let count = 0;
  const socket = connect(url, {
    open() {},
    message(data) {
      if (typeof data === 'string') finish(socket, Number(data) === count, `${data} messages`, count);
      else if (isExpected(data, count)) count++;
      else finish(socket, false, `message ${count}`, 'another one');
    },
  });
}

/** Sends until the server, in text, has had enough. */
function send() {
  let count = 0;
  let isEnough = false;
  const socket = connect(url, {
    open: fill,
    message() {
      isEnough = true;
    },
  });
  function fill() {
    for (let i = 0; i < MESSAGES_A_TURN && socket.bufferedAmount < HIGH_WATER_MARK; i++) {
      socket.send(messages[count % messages.length]);
      count++;
    }
    if (isEnough) socket.send(String(count));
    else setImmediate(fill);
  }
}

function isExpected(data, count) {
  const expected = messages[count % messages.length];
  if (data.length !== expected.length) return false;
  if (count % SAMPLE === 0) return data.equals(expected);
  return data.compare(expected, 0, MARK_LENGTH, 0, MARK_LENGTH) === 0;
}

function finish(socket, isRight, expected, received) {
  if (!isRight) process.stderr.write(`Expected ${expected}, received ${received}\n`);
  process.exitCode = isRight ? 0 : 1;
  socket.close();
}
