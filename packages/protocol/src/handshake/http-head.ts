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

const CR = 0x0d;
const LF = 0x0a;

/** Gathers a head from chunks as they arrive, and tells what came behind it. */
export class HeadCollector {
  readonly #limits: Limits;
  #bytes: Uint8Array = new Uint8Array(0);
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
      return { head: latin1(bytes.subarray(0, end - 4)), rest: new Uint8Array(bytes.subarray(end)) };
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
  const [line = '', ...headerLines] = head.split('\r\n');
  const match =
    /^(?<method>[!#$%&'*+\-.^_`|~0-9A-Za-z]+) (?<target>[\x21-\x7e\x80-\xff]+) HTTP\/(?<major>\d)\.(?<minor>\d)$/.exec(
      line,
    );
  if (match?.groups === undefined) throw new HandshakeError('malformed-request-line', quote(line));
  const { method = '', target = '', major, minor } = match.groups;
  const httpVersion = { major: Number(major), minor: Number(minor) };
  return { method, target, httpVersion, headers: parseHeaders(headerLines, limits) };
}

/**
 * Reads a response's head.
 *
 * @param head The text up to the empty line, one character a byte.
 * @throws HandshakeError if it does not follow the grammar or has too many headers.
 */
export function parseResponseHead(head: string, limits: Limits): ResponseHead {
  const [line = '', ...headerLines] = head.split('\r\n');
  const match =
    /^HTTP\/(?<major>\d)\.(?<minor>\d) (?<status>[1-5]\d\d)(?: (?<reason>[\t\x20-\x7e\x80-\xff]*))?$/.exec(
      line,
    );
  if (match?.groups === undefined) throw new HandshakeError('malformed-status-line', quote(line));
  const { major, minor, status, reason: reasonPhrase = '' } = match.groups;
  const httpVersion = { major: Number(major), minor: Number(minor) };
  return { status: Number(status), reasonPhrase, httpVersion, headers: parseHeaders(headerLines, limits) };
}

/** Writes a request's head, with its empty line, one character a byte. */
export function formatRequestHead({ method, target, headers }: RequestHead): string {
  return `${method} ${target} HTTP/1.1\r\n${headers.format()}\r\n`;
}

/** Writes a response's head, with its empty line, one character a byte. */
export function formatResponseHead({ status, reasonPhrase, headers }: ResponseHead): string {
  return `HTTP/1.1 ${status} ${reasonPhrase}\r\n${headers.format()}\r\n`;
}

function parseHeaders(lines: readonly string[], limits: Limits): HttpHeaders {
  if (lines.length > limits.maxHeaderCount) {
    throw new HandshakeError('too-many-headers', `${lines.length}, the limit is ${limits.maxHeaderCount}`);
  }
  const headers = new HttpHeaders();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    const value = trim(line, colon + 1);
    if (!headers.tryAppend(name, value)) throw new HandshakeError('malformed-header', quote(line));
  }
  return headers;
}

/** The text from `start` on without the spaces and tabs around it; other white space may not stand there. */
function trim(line: string, start: number): string {
  let from = start;
  let to = line.length;
  while (from < to && isSpace(line, from)) from += 1;
  while (to > from && isSpace(line, to - 1)) to -= 1;
  return line.slice(from, to);
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
  if (bytes.every((byte) => byte < 0x80)) return utf8.decode(bytes);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const MAX_QUOTED_LENGTH = 80;

/** Shows a received line in an error: with its control characters made visible, and not at any length. */
function quote(line: string): string {
  return JSON.stringify(line.length > MAX_QUOTED_LENGTH ? `${line.slice(0, MAX_QUOTED_LENGTH)}…` : line);
}
