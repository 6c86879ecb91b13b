/**
 * Which way to use zlib costs the least: the synchronous calls behind the Codec port, with a dictionary for context
 * takeover and without, or running streams, as most implementations have them. Prints the medians of rounds in which
 * the ways take turns: the CPU time of all threads, the time that passed, and the ratio of the CPU time to the first.
 *
 *     npm run bench:deflate-codecs
 */
import process from 'node:process';
import { ZlibCodec } from '../packages/websocket/dist/zlib-codec.js';
import { jsonMessage } from './parts/json-message.mjs';
import { RunningDeflate, RunningInflate } from './parts/zlib-streams.mjs';

const LEVEL = 3;
const WINDOW_BITS = 15;
const MIN_WINDOW_BITS = 9;
const WINDOW_LENGTH = 2 ** WINDOW_BITS;
const LENGTHS = [100, 1024, 16 * 1024];
const DICTIONARY_LENGTHS = [1024, 4096, 8192, WINDOW_LENGTH];
const STREAMS = 20;
/** Messages repeat after so many bytes: even of many streams each has seen more than a window by then. */
const CYCLE_LENGTH = 2 * STREAMS * WINDOW_LENGTH;

const ROUNDS = 15;
const BYTES_A_ROUND = 512 * 1024;
const MAX_RUNS_A_ROUND = 400;
const MAX_LENGTH = 16 * 1024 * 1024;
const TAIL_LENGTH = 4;

const codec = new ZlibCodec(LEVEL);

for (const length of LENGTHS) {
  const count = Math.ceil(CYCLE_LENGTH / length);
  const messages = Array.from({ length: count }, (_, i) => Buffer.from(jsonMessage(length, i)));
  const window = windowBehind(length);
  await compare(`Deflate ${length} bytes`, length, deflateWays(messages, window));
  await compare(`Inflate ${length} bytes`, length, inflateWays(messages, window));
}

function deflateWays(messages, window) {
  const create = (resets) => new RunningDeflate({ level: LEVEL, windowBits: WINDOW_BITS, resets });
  const [pooled, running] = [create(true), create(false)];
  const many = Array.from({ length: STREAMS }, () => create(false));
  const synchronous = (dictionary) => (message) => deflate(message, dictionary);
  return [
    { name: 'synchronous, no takeover', messages, run: synchronous(undefined) },
    { name: 'pooled stream, no takeover', messages, run: (message) => pooled.message(message) },
    ...DICTIONARY_LENGTHS.map((length) => ({
      name: `synchronous, takeover of ${length} bytes`,
      messages,
      run: synchronous(window.subarray(-length)),
    })),
    { name: 'running stream, takeover', messages, run: (message) => running.message(message) },
    { name: `${STREAMS} running streams at once`, messages, runAll: (next) => spread(many, next) },
  ];
}

/** In the window that the engine would choose: the smallest that holds the message and what it refers to. */
function deflate(message, dictionary) {
  const reach = message.length + (dictionary?.length ?? 0);
  const needed = Math.max(MIN_WINDOW_BITS, Math.ceil(Math.log2(reach + 1)));
  return codec.deflate(message, Math.min(needed, WINDOW_BITS), dictionary);
}

function inflateWays(messages, window) {
  const plain = messages.map((message) => withoutTail(deflate(message, undefined)));
  const referring = messages.map((message) => withoutTail(deflate(message, window)));
  const running = new RunningInflate();
  const many = Array.from({ length: STREAMS }, () => new RunningInflate());
  const synchronous = (dictionary) => (message) => codec.inflate(message, dictionary, MAX_LENGTH).bytes;
  return [
    { name: 'synchronous, no takeover', messages: plain, run: synchronous(undefined) },
    {
      name: `synchronous, takeover of ${WINDOW_LENGTH} bytes`,
      messages: referring,
      run: synchronous(window),
    },
    { name: 'running stream', messages: plain, run: (message) => running.message(message) },
    { name: `${STREAMS} running streams at once`, messages: plain, runAll: (next) => spread(many, next) },
  ];
}

/** What a window holds behind other messages of this length. */
function windowBehind(length) {
  const count = Math.ceil(WINDOW_LENGTH / length);
  const before = Array.from({ length: count }, (_, i) => jsonMessage(length, -1 - i)).join('');
  return Buffer.from(before.slice(-WINDOW_LENGTH));
}

/** Has many streams work on a message each, as the connections of a busy server do. */
function spread(streams, next) {
  return Promise.all(streams.map((stream) => stream.message(next())));
}

async function compare(title, length, ways) {
  const runs = Math.min(MAX_RUNS_A_ROUND, Math.ceil(BYTES_A_ROUND / length / STREAMS) * STREAMS);
  const rows = ways.map((way) => ({ ...way, cpu: [], wall: [], at: 0, bytes: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) await measureRound(row, runs);
  }
  console.log(`${title.padEnd(40)} ${'CPU'.padStart(7)} ${'passed'.padStart(7)}   ratio   length`);
  for (const { name, cpu, wall, bytes } of rows) {
    const ratio = (median(cpu) / median(rows[0].cpu)).toFixed(2);
    const mean = Math.round(bytes / (runs * ROUNDS));
    console.log(
      `  ${name.padEnd(38)} ${inUs(cpu)} ${inUs(wall)} ${ratio.padStart(7)} ${String(mean).padStart(8)}`,
    );
  }
}

async function measureRound(row, runs) {
  const { messages, run, runAll } = row;
  const next = () => messages[row.at++ % messages.length];
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let done = 0; done < runs; ) {
    const given = runAll === undefined ? run(next()) : runAll(next);
    // A synchronous call is not waited for: that would cost it a turn.
    const result = given instanceof Promise ? await given : given;
    const results = Array.isArray(result) ? result : [result];
    for (const { length } of results) row.bytes += length;
    done += results.length;
  }
  const { user, system } = process.cpuUsage(cpu);
  row.cpu.push((user + system) / runs);
  row.wall.push(((performance.now() - began) * 1000) / runs);
}

function inUs(values) {
  return `${median(values).toFixed(1).padStart(6)}µ`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function withoutTail(deflated) {
  return deflated.subarray(0, -TAIL_LENGTH);
}
