/**
 * Heads of HTTP/1.1 messages (RFC 9112 §2 to §5), as far as the opening handshake needs them: bytes → start line and
 * header fields, and back. A head that could be read in two ways (folded lines, white space before a colon, bare
 * line feeds, control characters) is refused, so that no two parties can disagree on where it ends.
 */

import { HandshakeError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { HttpHeaders } from './headers.ts';

/** A request's head. */
export interface RequestHead {
  readonly method: string;
  /** The request target as it was sent, for example `/chat?room=1`. */
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: HttpHeaders;
}

/** A response's head. */
export interface ResponseHead {
  readonly status: number;
  readonly reasonPhrase: string;
  readonly httpVersion: HttpVersion;
  readonly headers: HttpHeaders;
}

/** The version in a start line. */
export interface HttpVersion {
  readonly major: number;
  readonly minor: number;
}

/** HTTP/1.1, the version that the handshake speaks. */
export const HTTP_1_1: HttpVersion = { major: 1, minor: 1 };

const LINE_END = '\r\n';
const CR = 0x0d;
const LF = 0x0a;

const noBytes: Uint8Array = new Uint8Array(0);

/** Gathers a head from chunks as they arrive, and tells what came behind it. */
export class HeadCollector {
  readonly #limits: Limits;
  #bytes: Uint8Array = noBytes;
  #length = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Bytes of an unfinished head so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes a chunk.
   *
   * @returns The head without its empty line, and the bytes behind it; undefined while the head is unfinished.
   * @throws HandshakeError as soon as the head is too long.
   */
  push(chunk: Uint8Array): { head: string; rest: Uint8Array } | undefined {
    // A head that comes in one chunk, as most do, is not copied.
    const isFirst = this.#length === 0;
    const scanFrom = Math.max(0, this.#length - 3);
    if (!isFirst) this.#append(chunk);
    const bytes = isFirst ? chunk : this.#bytes.subarray(0, this.#length);
    const end = findEmptyLine(bytes, scanFrom);
    if ((end ?? bytes.length) > this.#limits.maxHandshakeLength) throw this.#tooLong();
    if (end !== undefined) {
      const rest = end === bytes.length ? noBytes : new Uint8Array(bytes.subarray(end));
      return { head: latin1(bytes.subarray(0, end - 4)), rest };
    }
    if (isFirst) this.#append(chunk);
    return undefined;
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  #tooLong(): HandshakeError {
    const { maxHandshakeLength } = this.#limits;
    return new HandshakeError('handshake-too-long', `more than ${maxHandshakeLength} bytes`);
  }
}

/**
 * Reads a request's head.
 *
 * @param head The text up to the empty line, one character a byte.
 * @throws HandshakeError if it does not follow the grammar or has too many headers.
 */
export function parseRequestHead(head: string, limits: Limits): RequestHead {
  const line = firstLine(head);
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)$/.exec(line);
  if (match === null) throw new HandshakeError('malformed-request-line', quote(line));
  const [, method = '', target = '', major, minor] = match;
  const httpVersion = { major: Number(major), minor: Number(minor) };
  return { method, target, httpVersion, headers: parseHeaders(head, line.length, limits) };
}

/**
 * Reads a response's head.
 *
 * @param head The text up to the empty line, one character a byte.
 * @throws HandshakeError if it does not follow the grammar or has too many headers.
 */
export function parseResponseHead(head: string, limits: Limits): ResponseHead {
  const line = firstLine(head);
  const match = /^HTTP\/(\d)\.(\d) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(line);
  if (match === null) throw new HandshakeError('malformed-status-line', quote(line));
  const [, major, minor, status, reasonPhrase = ''] = match;
  const httpVersion = { major: Number(major), minor: Number(minor) };
  const headers = parseHeaders(head, line.length, limits);
  return { status: Number(status), reasonPhrase, httpVersion, headers };
}

/** Writes a request's head, with its empty line, one character a byte. */
export function formatRequestHead({ method, target, headers }: RequestHead): string {
  return `${method} ${target} HTTP/1.1\r\n${headers.format()}\r\n`;
}

/** Writes a response's head, with its empty line, one character a byte. */
export function formatResponseHead({ status, reasonPhrase, headers }: ResponseHead): string {
  return `HTTP/1.1 ${status} ${reasonPhrase}\r\n${headers.format()}\r\n`;
}

function firstLine(head: string): string {
  const end = head.indexOf(LINE_END);
  return end < 0 ? head : head.slice(0, end);
}

/** Reads the lines behind the start line, which ends at `startLineEnd`. */
function parseHeaders(head: string, startLineEnd: number, limits: Limits): HttpHeaders {
  const headers = new HttpHeaders();
  let count = 0;
  for (let lineEnd = startLineEnd; lineEnd < head.length; ) {
    const start = lineEnd + LINE_END.length;
    const found = head.indexOf(LINE_END, start);
    lineEnd = found < 0 ? head.length : found;
    count += 1;
    if (count > limits.maxHeaderCount) throw tooManyHeaders(head, limits);
    const colon = head.indexOf(':', start);
    const name = head.slice(start, Math.max(start, colon));
    if (colon > lineEnd || !headers.tryAppend(name, trim(head, colon + 1, lineEnd))) {
      throw new HandshakeError('malformed-header', quote(head.slice(start, lineEnd)));
    }
  }
  return headers;
}

function tooManyHeaders(head: string, { maxHeaderCount }: Limits): HandshakeError {
  const count = head.split(LINE_END).length - 1;
  return new HandshakeError('too-many-headers', `${count}, the limit is ${maxHeaderCount}`);
}

/** The text from `start` to `end` without the spaces and tabs around it; other white space may not stand there. */
function trim(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isSpace(text, from)) from += 1;
  while (to > from && isSpace(text, to - 1)) to -= 1;
  return text.slice(from, to);
}

function isSpace(text: string, index: number): boolean {
  return text[index] === ' ' || text[index] === '\t';
}

/** The index behind the first CR LF CR LF that ends at or after `from`. */
function findEmptyLine(bytes: Uint8Array, from: number): number | undefined {
  for (let i = from; i + 3 < bytes.length; i++) {
    if (bytes[i] === CR && bytes[i + 1] === LF && bytes[i + 2] === CR && bytes[i + 3] === LF) return i + 4;
  }
  return undefined;
}

const utf8 = new TextDecoder();

/** The bytes as a character each. */
function latin1(bytes: Uint8Array): string {
  // What is ASCII, as almost every head, is the same in UTF-8, which has a fast way into a string.
  if (isAscii(bytes)) return utf8.decode(bytes);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function isAscii(bytes: Uint8Array): boolean {
  let seen = 0;
  for (let i = 0; i < bytes.length; i++) seen |= bytes[i] ?? 0;
  return seen < 0x80;
}

const MAX_QUOTED_LENGTH = 80;

/** Shows a received line in an error: with its control characters made visible, and not at any length. */
function quote(line: string): string {
  return JSON.stringify(line.length > MAX_QUOTED_LENGTH ? `${line.slice(0, MAX_QUOTED_LENGTH)}…` : line);
}
