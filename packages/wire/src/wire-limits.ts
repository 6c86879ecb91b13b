/**
 * How long the parts of a command may be (docs/wire.md, "Limits"). They belong to the contract: no hub takes more, however
 * it is configured. How large `data` may be is the hub's to say.
 */

/** The longest of each field, in the unit that its name says. */
export interface WireLimits {
  /** Bytes of a channel's name in UTF-8. */
  readonly channelBytes: number;
  /** Characters of the part of a channel's name before the colon. */
  readonly namespaceLength: number;
  /** Bytes of a message's key in UTF-8. */
  readonly keyBytes: number;
  /** Characters of a publisher's own name for a message. */
  readonly messageIdLength: number;
  readonly tokenLength: number;
  readonly sessionLength: number;
  readonly epochLength: number;
  readonly methodLength: number;
  /** Messages of one `history` reply. */
  readonly historyMessages: number;
  /** Arrays and objects within each other in `data`. */
  readonly dataDepth: number;
}

/** What `decodeCommand` lets pass. */
export const wireLimits: WireLimits = {
  channelBytes: 255,
  namespaceLength: 64,
  keyBytes: 255,
  messageIdLength: 64,
  tokenLength: 8192,
  sessionLength: 128,
  epochLength: 64,
  methodLength: 128,
  historyMessages: 1000,
  dataDepth: 64,
};
