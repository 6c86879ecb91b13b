/**
 * The options of permessage-deflate in the words of `ws`, for the engine's negotiator. As with `ws`, both sides keep
 * their windows between messages unless told otherwise.
 */

import {
  type AcceptedDeflate,
  DeflateNegotiator,
  type DeflateOptions,
  type Extension,
  type ExtensionElement,
  type Role,
} from '@hawser/websocket/driver';
import type { PerMessageDeflateOptions } from './options.ts';

/** The one extension there is. */
export const EXTENSION_NAME = 'permessage-deflate';

const MAX_WINDOW_BITS = 15;
/** zlib cannot compress with 8 and takes 9 instead, so 8 is never promised. */
const MIN_SENDING_WINDOW_BITS = 9;
const MIN_LEVEL = 1;
const MAX_LEVEL = 9;

/** Negotiates for all connections with these options; undefined if there is to be no compression. */
export function negotiatorOf(
  role: Role,
  option: boolean | PerMessageDeflateOptions | undefined,
): DeflateTerms | undefined {
  if (!option) return undefined;
  return new DeflateTerms(role, option === true ? {} : option);
}

/**
 * What one side agrees to: the engine's negotiation, and before it what that leaves open. The engine follows whoever
 * asks for less; these options also say how little may be asked for.
 */
export class DeflateTerms {
  readonly #options: PerMessageDeflateOptions;
  readonly #negotiator: DeflateNegotiator;

  constructor(role: Role, options: PerMessageDeflateOptions) {
    this.#options = options;
    this.#negotiator = new DeflateNegotiator(role, deflateOptions(role, options));
  }

  /** A client's side: what to offer. */
  offer(): ExtensionElement {
    return this.#negotiator.offer();
  }

  /** A server's side: undefined if no offer is acceptable. */
  accept(offers: readonly ExtensionElement[]): AcceptedDeflate | undefined {
    return this.#negotiator.accept(offers.filter((offer) => this.#allows(offer)));
  }

  /**
   * A client's side: undefined if the server declined.
   *
   * @throws Error if the answer is wrong.
   */
  check(answers: readonly ExtensionElement[]): Extension | undefined {
    for (const answer of answers) this.#checkAnswer(answer);
    return this.#negotiator.check(answers);
  }

  #allows(offer: ExtensionElement): boolean {
    const { serverNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.#options;
    if (serverNoContextTakeover === false && has(offer, 'server_no_context_takeover')) return false;
    if (!isWithin(bitsOf(offer, 'server_max_window_bits'), serverMaxWindowBits)) return false;
    if (typeof clientMaxWindowBits !== 'number') return true;
    if (!has(offer, 'client_max_window_bits')) return false;
    return isWithin(bitsOf(offer, 'client_max_window_bits'), clientMaxWindowBits);
  }

  #checkAnswer(answer: ExtensionElement): void {
    const { clientNoContextTakeover, clientMaxWindowBits } = this.#options;
    if (clientNoContextTakeover === false && has(answer, 'client_no_context_takeover')) {
      throw new Error('Unexpected parameter "client_no_context_takeover"');
    }
    const bits = bitsOf(answer, 'client_max_window_bits') ?? 0;
    const most = typeof clientMaxWindowBits === 'number' ? clientMaxWindowBits : MAX_WINDOW_BITS;
    if (bits <= (clientMaxWindowBits === false ? 0 : most)) return;
    throw new Error('Unexpected or invalid parameter "client_max_window_bits"');
  }
}

/** Whether compression was offered in a form that nobody should refuse a handshake for, though zlib cannot do it. */
export function asksForTinyWindow(offers: readonly ExtensionElement[]): boolean {
  return offers.some(
    (offer) =>
      offer.name === EXTENSION_NAME &&
      offer.parameters.some(({ name, value }) => name === 'server_max_window_bits' && value === '8'),
  );
}

function deflateOptions(role: Role, options: PerMessageDeflateOptions): DeflateOptions {
  const level = options.zlibDeflateOptions?.level;
  return {
    serverContextTakeover: options.serverNoContextTakeover !== true,
    clientContextTakeover: options.clientNoContextTakeover !== true,
    serverMaxWindowBits: windowBits(options.serverMaxWindowBits, role === 'server'),
    clientMaxWindowBits:
      options.clientMaxWindowBits === false
        ? false
        : windowBits(options.clientMaxWindowBits, role === 'client'),
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    ...(level !== undefined && level >= MIN_LEVEL && level <= MAX_LEVEL ? { level } : {}),
  };
}

function windowBits(option: number | boolean | undefined, isOurs: boolean): number {
  if (typeof option !== 'number') return MAX_WINDOW_BITS;
  return isOurs ? Math.max(MIN_SENDING_WINDOW_BITS, option) : option;
}

/** Whether a window may be as small as an offer asks for. */
function isWithin(bits: number | undefined, option: number | boolean | undefined): boolean {
  if (bits === undefined) return true;
  return option !== false && (typeof option !== 'number' || option <= bits);
}

function has({ parameters }: ExtensionElement, name: string): boolean {
  return parameters.some((parameter) => parameter.name === name);
}

function bitsOf({ parameters }: ExtensionElement, name: string): number | undefined {
  const value = parameters.find((parameter) => parameter.name === name)?.value;
  return value === undefined ? undefined : Number(value);
}
