/**
 * permessage-deflate without a connection, for those who have compressed frames and no WebSocket: the negotiation with
 * the plain objects of `extension.ts`, and the compression with callbacks, over the engine's. A WebSocket does not use
 * it. Below: `deflate.ts`.
 */

import {
  type Extension,
  type ExtensionElement,
  parseExtensionList,
  ViolationError,
} from '@hawser/websocket/driver';
import { type DeflateTerms, EXTENSION_NAME, negotiatorOf } from './deflate.ts';
import { toCodedError } from './errors.ts';
import type { Parameters } from './extension.ts';
import { limitsOf, type PerMessageDeflateOptions } from './options.ts';
import { asBuffer } from './payload.ts';

/** What was offered or accepted: numbers are numbers, and what has no value is true. */
export type DeflateParameters = Record<string, number | true>;

/** RFC 7692 §7.1.2: 8 to 15, without leading zeros. */
const windowBits = /^(?:[89]|1[0-5])$/;
const flag = /^true$/;

/** What the values of an answer look like. */
const answerPatterns: ReadonlyMap<string, RegExp> = new Map([
  ['server_no_context_takeover', flag],
  ['client_no_context_takeover', flag],
  ['server_max_window_bits', windowBits],
  ['client_max_window_bits', windowBits],
]);

/** An offer may also say that the client's window can be limited, by however much. */
const offerPatterns: ReadonlyMap<string, RegExp> = new Map([
  ...answerPatterns,
  ['client_max_window_bits', /^(?:true|[89]|1[0-5])$/],
]);

const DEFAULT_THRESHOLD = 1024;

type Done = (error: Error | null, data?: Buffer) => void;

/** The options of the negotiation, and whose side it is. */
export interface DetachedDeflateOptions extends PerMessageDeflateOptions {
  isServer?: boolean | undefined;
  maxPayload?: number | undefined;
}

/** The extensions of a connection by their names, as `Receiver` and `Sender` take them. */
export interface Extensions {
  'permessage-deflate'?: PerMessageDeflate | undefined;
}

interface Accepted {
  readonly extension: Extension;
  readonly answer: ExtensionElement | undefined;
}

/** One side of one connection's compression. */
export class PerMessageDeflate {
  /** What was accepted; null before. */
  params: DeflateParameters | null = null;

  readonly #options: DetachedDeflateOptions;
  readonly #isServer: boolean;
  readonly #maxLength: number;
  readonly #negotiator: DeflateTerms | undefined;
  #extension: Extension | undefined;
  /** Fragments of a message that has not ended. */
  #fragments: Buffer[] = [];

  constructor(options: DetachedDeflateOptions = {}) {
    this.#options = options;
    this.#isServer = options.isServer === true;
    this.#maxLength = limitsOf({ maxPayload: options.maxPayload }).maxMessageLength;
    this.#negotiator = negotiatorOf(this.#isServer ? 'server' : 'client', options);
  }

  static get extensionName(): typeof EXTENSION_NAME {
    return EXTENSION_NAME;
  }

  /** A client's offer. */
  offer(): DeflateParameters {
    return parametersOf(this.#negotiator?.offer());
  }

  /**
   * Takes the first offer that can be taken, or checks the server's answer.
   *
   * @throws Error if there is none, or the answer is wrong.
   */
  accept(configurations: readonly Parameters[]): DeflateParameters {
    const elements = configurations.map((parameters) => toElement(parameters, this.#isServer));
    const accepted = this.#isServer ? this.#negotiator?.accept(elements) : this.#check(elements);
    if (accepted === undefined) throw new Error('None of the extension offers can be accepted');
    this.#extension = accepted.extension;
    // What is given back is of the same kind as what was handed in.
    this.params = Object.assign(
      Object.create(Object.getPrototypeOf(configurations[0])),
      parametersOf(accepted.answer),
    );
    return this.params ?? {};
  }

  /** Compresses a message, or a fragment of one. */
  compress(data: string | Buffer, fin: boolean, callback: Done): void {
    this.#report(callback, 'deflate', () => asBuffer(this.#agreed().encode(Buffer.from(data), fin)));
  }

  /** Decompresses a message. Its fragments are kept until the last is there, which then gives it whole. */
  decompress(data: Buffer, fin: boolean, callback: Done): void {
    this.#report(callback, 'inflate', () => {
      this.#fragments.push(data);
      if (!fin) return Buffer.alloc(0);
      const message = Buffer.concat(this.#fragments.splice(0));
      return asBuffer(this.#agreed().decode(message, this.#maxLength));
    });
  }

  /** Gives memory back. */
  cleanup(): void {
    this.#extension?.close();
    this.#extension = undefined;
  }

  /** What was agreed on, in the engine's form; undefined before. @internal */
  get extension(): Extension | undefined {
    return this.#extension;
  }

  /** Whether a message of so many bytes is to be compressed: with context takeover, each. @internal */
  wants(length: number): boolean {
    const { threshold = DEFAULT_THRESHOLD } = this.#options;
    const beginsAnew =
      this.params?.[this.#isServer ? 'server_no_context_takeover' : 'client_no_context_takeover'];
    return beginsAnew === undefined || length >= threshold;
  }

  #check(elements: readonly ExtensionElement[]): Accepted | undefined {
    const extension = this.#negotiator?.check(elements);
    return extension && { extension, answer: parseExtensionList(extension.description)?.[0] };
  }

  #agreed(): Extension {
    if (this.#extension !== undefined) return this.#extension;
    throw new Error('Expected parameters to be accepted first');
  }

  /** Tells how it went, later: whoever calls `cleanup` meanwhile has no use for it. */
  #report(callback: Done, stream: 'deflate' | 'inflate', action: () => Buffer): void {
    const [error, data] = attempt(action);
    const extension = this.#extension;
    setImmediate(() => {
      if (error !== null) callback(error);
      else if (this.#extension === extension) callback(null, data);
      else callback(new Error(`The ${stream} stream was closed while data was being processed`));
    });
  }
}

/** Checks what was parsed, with the messages that users of `ws` know. */
function toElement(parameters: Parameters, isServer: boolean): ExtensionElement {
  const patterns = isServer ? offerPatterns : answerPatterns;
  const checked = Object.entries(parameters).map(([name, values]) => {
    const [value, ...more] = [values].flat();
    if (more.length > 0) throw new Error(`Parameter "${name}" must have only a single value`);
    const pattern = patterns.get(name);
    if (pattern === undefined) throw new Error(`Unknown parameter "${name}"`);
    if (!pattern.test(String(value))) {
      throw new TypeError(`Invalid value for parameter "${name}": ${value}`);
    }
    return { name, value: value === true ? undefined : String(value) };
  });
  return { name: EXTENSION_NAME, parameters: checked };
}

function parametersOf(element: ExtensionElement | undefined): DeflateParameters {
  const parameters = element?.parameters ?? [];
  return Object.fromEntries(
    parameters.map(({ name, value }) => [name, value === undefined ? true : Number(value)]),
  );
}

function attempt(action: () => Buffer): [error: Error | null, data?: Buffer] {
  try {
    return [null, action()];
  } catch (error) {
    if (error instanceof ViolationError) return [toCodedError(error)];
    return [error instanceof Error ? error : new Error(String(error))];
  }
}
