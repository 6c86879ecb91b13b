/**
 * Bounds on what a peer can make us hold or do (RFC 6455 §10.4), in bytes and in counts: a limit on bytes alone
 * lets a peer send what costs more to keep than to send.
 */

/** The bounds of one connection. */
export interface Limits {
  /** Longest payload of one frame, in bytes as they are on the wire, compressed or not; a longer one fails the connection with 1009. Default 16 MiB. */
  readonly maxFramePayloadLength: number;
  /** Longest message, all its fragments together, in bytes; a longer one fails with 1009. Default 16 MiB. */
  readonly maxMessageLength: number;
  /** Most frames of one message; more fail the connection with 1008. Default 131,072. */
  readonly maxFragments: number;
  /**
   * Most bytes that may wait in the connection, sent in one turn or while the transport does not take them; more fail
   * the connection with 1008. Must be larger than the largest message that is sent. Default 32 MiB.
   */
  readonly maxBufferedOutput: number;
  /**
   * Most bytes that may be kept for the connection altogether: fragments, pieces of a message, output, each with its
   * overhead. More fail the connection with 1009 (received) or 1008 (to be sent). Default 80 MiB.
   */
  readonly maxHeldBytes: number;
  /** Longest head of an opening handshake, request or response, in bytes; refused with 431. Default 16 KiB. */
  readonly maxHandshakeLength: number;
  /** Most header lines in an opening handshake; refused with 431. Default 128. */
  readonly maxHeaderCount: number;
}

/** The limits that hold where none are given. */
export const defaultLimits: Limits = {
  maxFramePayloadLength: 16 * 1024 * 1024,
  maxMessageLength: 16 * 1024 * 1024,
  maxFragments: 131_072,
  maxBufferedOutput: 32 * 1024 * 1024,
  maxHeldBytes: 80 * 1024 * 1024,
  maxHandshakeLength: 16 * 1024,
  maxHeaderCount: 128,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError if a limit is not a positive integer.
 */
export function resolveLimits(limits: Partial<Limits> = {}): Limits {
  const resolved = { ...defaultLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Expected limits.${name} to be a positive integer, received ${value}`);
    }
  }
  return resolved;
}
