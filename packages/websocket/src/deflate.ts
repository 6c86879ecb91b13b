/**
 * permessage-deflate as a server or client can be told to use it: its options with their defaults, and the
 * negotiation of one connection's extension (RFC 7692 §7.1). Below: the protocol package's rules and `zlib-codec.ts`;
 * above: `upgrade.ts` and `dial.ts`.
 */

import {
  acceptOffer,
  checkAnswer,
  checkPreferences,
  type DeflateParameters,
  describeOffer,
  type ExtensionElement,
  PerMessageDeflate,
  type Role,
  type WindowPool,
} from '@hawser/protocol';
import { sharedWindows } from './shared-memory.ts';
import { ZlibCodec } from './zlib-codec.ts';

/** How messages are compressed. */
export interface DeflateOptions {
  /** Messages shorter than this, in bytes, are sent as they are. Default 1024. */
  readonly threshold?: number;
  /** zlib's level, 1 (fast) to 9 (small). Default 3. */
  readonly level?: number;
  /**
   * Whether the server's messages may refer to earlier ones. Messages that resemble each other become smaller, for more
   * time and memory: 4 KiB a connection on the server, a whole window on the client. Default false.
   */
  readonly serverContextTakeover?: boolean;
  /** Whether the client's messages may refer to earlier ones; the same trade the other way round. Default false. */
  readonly clientContextTakeover?: boolean;
  /** Base-2 logarithm of the server's window, 8 to 15; at least 9 for the server itself. Default 15. */
  readonly serverMaxWindowBits?: number;
  /**
   * Base-2 logarithm of the client's window, 8 to 15; at least 9 for the client itself. Default 15. With `false` it is
   * not spoken of: a client does not offer to have its window limited, and a server limits none.
   */
  readonly clientMaxWindowBits?: number | false;
  /** The pool that windows come from. Default: one for all connections, of 64 MiB. */
  readonly windows?: WindowPool;
}

const defaults = {
  threshold: 1024,
  level: 3,
  serverContextTakeover: false,
  clientContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
} as const satisfies Omit<DeflateOptions, 'windows'>;

const MIN_LEVEL = 1;
const MAX_LEVEL = 9;

/** What this side would like. */
type DeflatePreferences = Parameters<typeof describeOffer>[0];

/** An extension that was accepted, and the element that says so. */
export interface AcceptedDeflate {
  readonly answer: ExtensionElement;
  readonly extension: PerMessageDeflate;
}

/** Negotiates permessage-deflate for the connections of one server or client. */
export class DeflateNegotiator {
  readonly #role: Role;
  readonly #threshold: number;
  readonly #codec: ZlibCodec;
  readonly #windows: WindowPool;
  readonly #preferences: DeflatePreferences;

  /** @throws RangeError if an option is out of range. */
  constructor(role: Role, options: DeflateOptions) {
    const resolved = { ...defaults, ...options };
    this.#role = role;
    this.#threshold = checkThreshold(resolved.threshold);
    this.#codec = new ZlibCodec(checkLevel(resolved.level));
    this.#windows = options.windows ?? sharedWindows;
    this.#preferences = {
      serverNoContextTakeover: !resolved.serverContextTakeover,
      clientNoContextTakeover: !resolved.clientContextTakeover,
      serverMaxWindowBits: resolved.serverMaxWindowBits,
      clientMaxWindowBits:
        resolved.clientMaxWindowBits === false ? defaults.clientMaxWindowBits : resolved.clientMaxWindowBits,
      negotiatesClientWindow: resolved.clientMaxWindowBits !== false,
    };
    checkPreferences(this.#preferences, role);
  }

  /** A server's side: undefined if no offer is acceptable. The extension must be closed in the end. */
  accept(offers: readonly ExtensionElement[]): AcceptedDeflate | undefined {
    const accepted = this.#accept(offers, this.#preferences);
    if (accepted === undefined || accepted.extension.reserveWindow()) return accepted;
    // There is no memory for another window to receive with: the client has to begin each message anew.
    return this.#accept(offers, { ...this.#preferences, clientNoContextTakeover: true });
  }

  /** A client's side: what to offer. */
  offer(): ExtensionElement {
    return describeOffer(this.#preferences);
  }

  /**
   * A client's side: undefined if the server declined. The extension must be closed in the end.
   *
   * @throws HandshakeError if the answer breaks a rule.
   */
  check(accepted: readonly ExtensionElement[]): PerMessageDeflate | undefined {
    const agreed = checkAnswer(accepted, this.#preferences);
    if (agreed === undefined) return undefined;
    const extension = this.#create(agreed);
    if (extension.reserveWindow()) return extension;
    throw new RangeError('Expected room for a compression window in the pool, received a full one');
  }

  #accept(offers: readonly ExtensionElement[], preferences: DeflatePreferences): AcceptedDeflate | undefined {
    const accepted = acceptOffer(offers, preferences);
    return accepted && { answer: accepted.answer, extension: this.#create(accepted.parameters) };
  }

  #create(parameters: DeflateParameters): PerMessageDeflate {
    return new PerMessageDeflate({
      role: this.#role,
      parameters,
      codec: this.#codec,
      windows: this.#windows,
      threshold: this.#threshold,
    });
  }
}

/** Compression as the option `perMessageDeflate` asks for it; undefined for none. */
export function negotiatorFor(
  role: Role,
  option: boolean | DeflateOptions = false,
): DeflateNegotiator | undefined {
  if (option === false) return undefined;
  return new DeflateNegotiator(role, option === true ? {} : option);
}

function checkThreshold(threshold: number): number {
  if (threshold >= 0) return threshold;
  throw new RangeError(`Expected a threshold of at least 0 bytes, received ${threshold}`);
}

function checkLevel(level: number): number {
  if (Number.isInteger(level) && level >= MIN_LEVEL && level <= MAX_LEVEL) return level;
  throw new RangeError(`Expected a level of ${MIN_LEVEL} to ${MAX_LEVEL}, received ${level}`);
}
