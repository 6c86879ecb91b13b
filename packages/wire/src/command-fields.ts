/**
 * The fields of a command, each read as what it has to be. Between `frame.ts`, which gives the object, and
 * `decode-command.ts`, which knows the fields of every command. A field that is not right throws, with its path.
 */

import { isChannelName } from './channel-name.ts';
import { isJsonObject, type JsonObject, type OpenFrame, ownValue } from './frame.ts';
import type { Data, JsonValue, Position } from './messages.ts';
import { utf8Length } from './utf8-length.ts';
import { describeValue, WireError, type WireErrorCode } from './wire-error.ts';
import { wireLimits } from './wire-limits.ts';

const printableAscii = /^[\x20-\x7e]+$/;
const controlOrSurrogate = /[\p{Cc}\p{Cs}]/u;

/** Reads the fields of one command. */
export class CommandFields {
  readonly #head: JsonObject;
  readonly #bytes: Uint8Array | undefined;
  /** The command's `id`, if there is one: errors carry it. */
  readonly #commandId: number | undefined;

  constructor({ head, bytes }: OpenFrame) {
    this.#head = head;
    this.#bytes = bytes;
    const id = ownValue(head, 'id');
    this.#commandId = isWholeNumber(id, 1, Number.MAX_SAFE_INTEGER) ? id : undefined;
  }

  /** Whether the command came in a binary frame. */
  get isBinary(): boolean {
    return this.#bytes !== undefined;
  }

  get type(): unknown {
    return ownValue(this.#head, 'type');
  }

  get id(): number {
    return this.wholeNumber('id', 1, Number.MAX_SAFE_INTEGER);
  }

  get channel(): string {
    const value = ownValue(this.#head, 'channel');
    if (typeof value === 'string' && isChannelName(value)) return value;
    const limit = `at most ${wireLimits.channelBytes} bytes of the form namespace:name`;
    throw this.invalid('channel', limit, typeof value === 'string' ? quote(value) : describeValue(value));
  }

  /** What the command carries: the bytes of a binary frame, or the JSON value in `data`. */
  get data(): Data {
    const value = ownValue(this.#head, 'data');
    if (this.#bytes) {
      if (value === undefined) return this.#bytes;
      throw this.invalid('data', 'nothing in the head of a binary frame', describeValue(value));
    }
    if (isJson(value, wireLimits.dataDepth)) return value;
    throw this.invalid(
      'data',
      `a JSON value of at most ${wireLimits.dataDepth} levels`,
      value === undefined ? 'nothing' : 'more',
    );
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#head, name);
  }

  /** A text of printable ASCII. The error says nothing of its content, for it may be a secret. */
  ascii(name: string, longest: number): string {
    const value = ownValue(this.#head, name);
    return this.#asciiOf(value, name, longest);
  }

  /** A text in any language. */
  text(name: string, mostBytes: number): string {
    const value = ownValue(this.#head, name);
    if (typeof value === 'string' && isText(value, mostBytes)) return value;
    throw this.invalid(
      name,
      `1 to ${mostBytes} bytes of text without control characters`,
      describeValue(value),
    );
  }

  wholeNumber(name: string, least: number, most: number): number {
    return this.#wholeNumberOf(ownValue(this.#head, name), name, least, most);
  }

  position(name: string): Position {
    const value = ownValue(this.#head, name);
    if (!isJsonObject(value)) throw this.invalid(name, 'a position', describeValue(value));
    return {
      epoch: this.#asciiOf(ownValue(value, 'epoch'), `${name}.epoch`, wireLimits.epochLength),
      offset: this.#wholeNumberOf(ownValue(value, 'offset'), `${name}.offset`, 0, Number.MAX_SAFE_INTEGER),
    };
  }

  /** The error for a field that is not right. */
  invalid(
    path: string,
    expected: string,
    received: string,
    code: WireErrorCode = 'invalid-field',
  ): WireError {
    return new WireError({ code, path, expected, received, commandId: this.#commandId });
  }

  #asciiOf(value: unknown, path: string, longest: number): string {
    if (typeof value === 'string' && value.length <= longest && printableAscii.test(value)) return value;
    throw this.invalid(path, `1 to ${longest} printable ASCII characters`, describeValue(value));
  }

  #wholeNumberOf(value: unknown, path: string, least: number, most: number): number {
    if (isWholeNumber(value, least, most)) return value;
    throw this.invalid(path, `a whole number from ${least} to ${most}`, describeValue(value));
  }
}

/** A text from a peer as an error may show it: short, and on one line, so that it forges none in a log. */
export function quote(text: string): string {
  const short = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return JSON.stringify(short.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\ufffd'));
}

function isWholeNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
}

/** Halves of surrogate pairs are refused: two texts that differ in them only are one in UTF-8, and so in a log. */
function isText(value: string, mostBytes: number): boolean {
  return value !== '' && utf8Length(value) <= mostBytes && !controlOrSurrogate.test(value);
}

/** Whether there is a value, and it has few enough levels: whoever serialises it, or walks it, recurses as deeply. */
function isJson(value: unknown, levels: number): value is JsonValue {
  return value !== undefined && fits(value, levels);
}

/** Every publication comes this way, so nothing is made of it, such as a list of its values. */
function fits(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) {
    for (const inner of value) if (!fits(inner, levels - 1)) return false;
  } else if (isJsonObject(value)) {
    for (const name in value) if (!fits(value[name], levels - 1)) return false;
  }
  return true;
}
