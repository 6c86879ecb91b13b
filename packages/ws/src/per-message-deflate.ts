/**
 * permessage-deflate without a connection, for those who have compressed frames and no WebSocket: the negotiation with
 * the plain objects of `extension.ts`, and the compression with callbacks, over the engine's. A WebSocket does not use
 * it. Below: `deflate.ts`.
 */

import {
  type DeflateNegotiator,
  type Extension,
  type ExtensionElement,
  parseExtensionList,
  ViolationError,
} from '@hawser/websocket/driver';
import { EXTENSION_NAME, negotiatorOf } from './deflate.ts';
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

type Done = (error: Error | null, data?: Buffer) => void;

/** The options of the negotiation, and whose side it is. */
export interface DetachedDeflateOptions extends PerMessageDeflateOptions {
  isServer?: boolean | undefined;
  maxPayload?: number | undefined;
}

interface Accepted {
  readonly extension: Extension;
  readonly answer: ExtensionElement | undefined;
}

/** One side of one connection's compression. */
export class PerMessageDeflate {
  /** What was accepted; null before. */
  params: DeflateParameters | null = null;

  readonly #isServer: boolean;
  readonly #maxLength: number;
  readonly #negotiator: DeflateNegotiator | undefined;
  #extension: Extension | undefined;
  /** Fragments of a message that has not ended. */
  #fragments: Buffer[] = [];

  constructor(options: DetachedDeflateOptions = {}) {
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
    this.params = parametersOf(accepted.answer);
    return this.params;
  }

  /** Compresses a message, or a fragment of one. */
  compress(data: string | Buffer, fin: boolean, callback: Done): void {
    report(callback, () => asBuffer(this.#agreed().encode(Buffer.from(data), fin)));
  }

  /** Decompresses a message. Its fragments are kept until the last is there, which then gives it whole. */
  decompress(data: Buffer, fin: boolean, callback: Done): void {
    report(callback, () => {
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

  #check(elements: readonly ExtensionElement[]): Accepted | undefined {
    const extension = this.#negotiator?.check(elements);
    return extension && { extension, answer: parseExtensionList(extension.description)?.[0] };
  }

  #agreed(): Extension {
    if (this.#extension !== undefined) return this.#extension;
    throw new Error('Expected parameters to be accepted first');
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

function report(callback: Done, action: () => Buffer): void {
  try {
    process.nextTick(callback, null, action());
  } catch (error) {
    process.nextTick(callback, error instanceof ViolationError ? toCodedError(error) : error);
  }
}
