/**
 * The kernel's socket calls, for a load generator that has to cost less than every server: Bun calls the C library
 * directly, so that a message costs one `recv`, one `memcmp` and one `send`, and no object. Linux on a 64-bit machine.
 * Above: `poller.mjs` and `connection.mjs`.
 */
import { dlopen, ptr, toBuffer } from 'bun:ffi';
import process from 'node:process';

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0x800;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const BACKLOG = 4096;

/** What a poller can wait for, and what it can hear of unasked. */
export const Readiness = { Readable: 0x1, Writable: 0x4, Broken: 0x18 };

const { symbols: libc } = dlopen('libc.so.6', {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  accept4: { args: ['i32', 'ptr', 'ptr', 'i32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  recv: { args: ['i32', 'ptr', 'u64_fast', 'i32'], returns: 'i64_fast' },
  send: { args: ['i32', 'ptr', 'u64_fast', 'i32'], returns: 'i64_fast' },
  close: { args: ['i32'], returns: 'i32' },
  memcmp: { args: ['ptr', 'ptr', 'u64_fast'], returns: 'i32' },
  epoll_create1: { args: ['i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  epoll_wait: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
});

/** The address of bytes, which whoever uses it has to keep alive. */
export const addressOf = ptr;

/** A copy of the bytes at an address. */
export function copyOf(address, length) {
  return length === 0 ? Buffer.alloc(0) : Buffer.from(toBuffer(address, 0, length));
}

/** Whether two ranges of memory hold the same bytes. */
export function isEqual(address, other, length) {
  return libc.memcmp(address, other, length) === 0;
}

/** A socket that is being connected to a port of this machine: once it is writable, it is connected. */
export function openConnection(port) {
  const socket = openSocket();
  const address = loopback(port);
  // -1 says that the connection is under way; what goes wrong with it, the poller tells.
  libc.connect(socket, ptr(address), address.length);
  return socket;
}

/** A socket that listens on any free port of this machine. */
export function openListener() {
  const listener = openSocket();
  const address = loopback(0);
  const length = Uint32Array.of(address.length);
  check(libc.bind(listener, ptr(address), address.length), 'bind');
  check(libc.listen(listener, BACKLOG), 'listen');
  check(libc.getsockname(listener, ptr(address), ptr(length)), 'getsockname');
  return { listener, port: (address[2] << 8) | address[3] };
}

/** The next connection of a listener; undefined if there is none. */
export function acceptConnection(listener) {
  const socket = libc.accept4(listener, null, null, SOCK_NONBLOCK);
  if (socket < 0) return undefined;
  setOption(socket, IPPROTO_TCP, TCP_NODELAY, [1]);
  return socket;
}

/** How many bytes came, 0 at the end of the stream, -1 if there are none at present. */
export function receive(socket, address, length) {
  return libc.recv(socket, address, length, 0);
}

/** How many bytes the kernel took, -1 if it has no room at present. */
export function send(socket, address, length) {
  return libc.send(socket, address, length, MSG_NOSIGNAL);
}

/** Resets the connection, so that its port is free again at once. */
export function reset(socket) {
  setOption(socket, SOL_SOCKET, SO_LINGER, [1, 0]);
  libc.close(socket);
}

/** A set of sockets to wait on. */
export function openPoll() {
  return check(libc.epoll_create1(0), 'epoll_create1');
}

/** Adds a socket to a set; `tag` comes with each of its events. */
export function watch(poll, socket, tag, readiness) {
  control(poll, EPOLL_CTL_ADD, socket, tag, readiness);
}

/** Changes what is waited for. */
export function rewatch(poll, socket, tag, readiness) {
  control(poll, EPOLL_CTL_MOD, socket, tag, readiness);
}

/** Takes a socket out of a set. */
export function unwatch(poll, socket) {
  control(poll, EPOLL_CTL_DEL, socket, 0, 0);
}

/** Only on x86-64 is the kernel's `epoll_event` packed: 4 bytes of readiness and, here, the tag's first 4. */
const WORDS_PER_EVENT = process.arch === 'x64' ? 3 : 4;
const TAG_AT = process.arch === 'x64' ? 1 : 2;

/** The events of one wait. */
export class PollEvents {
  #words;
  #address;
  #capacity;

  constructor(capacity) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * WORDS_PER_EVENT);
    this.#address = ptr(this.#words);
  }

  /** Waits for events. @returns How many there are. */
  wait(poll, timeoutMs) {
    return Math.max(0, libc.epoll_wait(poll, this.#address, this.#capacity, timeoutMs));
  }

  readiness(index) {
    return this.#words[index * WORDS_PER_EVENT];
  }

  tag(index) {
    return this.#words[index * WORDS_PER_EVENT + TAG_AT];
  }
}

const event = new Int32Array(WORDS_PER_EVENT);

function control(poll, operation, socket, tag, readiness) {
  event[0] = readiness;
  event[TAG_AT] = tag;
  check(libc.epoll_ctl(poll, operation, socket, ptr(event)), 'epoll_ctl');
}

function openSocket() {
  const socket = check(libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), 'socket');
  setOption(socket, IPPROTO_TCP, TCP_NODELAY, [1]);
  return socket;
}

function setOption(socket, level, name, values) {
  const option = Int32Array.from(values);
  check(libc.setsockopt(socket, level, name, ptr(option), option.byteLength), 'setsockopt');
}

/** `struct sockaddr_in` of 127.0.0.1. */
function loopback(port) {
  const address = new Uint8Array(16);
  address.set([AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
  return address;
}

function check(result, call) {
  if (result >= 0) return result;
  throw new Error(`Expected ${call} to work, received ${result} (are enough files allowed? see ulimit -n)`);
}
