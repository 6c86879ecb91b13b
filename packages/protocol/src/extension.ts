/**
 * What an extension does to messages (RFC 6455 §9). Of the extensions that IANA lists only permessage-deflate is in
 * use, which works on whole messages and marks them with RSV1; that is what this interface allows.
 */

/** A negotiated extension, with the state of one connection. */
export interface Extension {
  /** The negotiated element, for example `permessage-deflate; client_no_context_takeover`. */
  readonly description: string;
  /**
   * Turns the payload of a message that was marked with RSV1 back into what was sent.
   *
   * @param maxLength Longest result, in bytes.
   * @throws ProtocolError if the payload is malformed, LimitError if the result would be longer than `maxLength`.
   */
  decode(payload: Uint8Array, maxLength: number): Uint8Array;
  /** Whether a message of this many bytes is worth encoding. */
  wantsToEncode(length: number): boolean;
  /** Encodes a message, or one fragment of it. */
  encode(payload: Uint8Array, isLast: boolean): Uint8Array;
  /** Encodes a message that many connections share; undefined if this one cannot take the shared form. */
  encodeShared(message: ShareableMessage): Uint8Array | undefined;
  /** The connection is gone: memory is given back. */
  close(): void;
}

/** A message whose encoded forms are kept, so that each is made once. */
export interface ShareableMessage {
  readonly payload: Uint8Array;
  /** The whole frame in the form of this name, made by `encode` the first time that it is asked for. */
  encodedFrame(form: string, encode: (payload: Uint8Array) => Uint8Array): Uint8Array;
}
