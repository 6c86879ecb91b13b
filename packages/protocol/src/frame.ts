/**
 * What a frame is made of (RFC 6455 §5.2): roles, opcodes, the header, and the sizes of its parts.
 */

/** Which end of the connection we are (RFC 6455 §1.2): masking and the closing of TCP differ. */
export type Role = 'client' | 'server';

/** The opcodes of RFC 6455 §5.2. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const;

/** An opcode of RFC 6455 §5.2. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** The opcodes that a message can have. */
export type MessageOpcode = typeof Opcode.Text | typeof Opcode.Binary;

/** A frame's header, read. */
export interface FrameHeader {
  fin: boolean;
  /** RSV1, which an extension may give a meaning (RFC 6455 §9). */
  rsv1: boolean;
  opcode: Opcode;
  payloadLength: number;
  /** The key as a 32-bit integer, its first byte on the wire lowest; 0 for an unmasked frame. */
  maskingKey: number;
}

/** Longest payload whose length fits the header's second byte. */
export const MAX_7_BIT_LENGTH = 125;
/** Longest payload whose length fits the 16-bit form. */
export const MAX_16_BIT_LENGTH = 0xffff;
/** Longest payload of a control frame (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD_LENGTH = 125;
/** Bytes of a masking key. */
export const MASKING_KEY_LENGTH = 4;

/** Whether frames with this opcode are control frames (RFC 6455 §5.5: the opcode's most significant bit). */
export function isControl(opcode: Opcode): boolean {
  return (opcode & 0x8) !== 0;
}

/** Bytes of a header for a payload of this length, with the length in its shortest form. */
export function headerLength(payloadLength: number, masked: boolean): number {
  const keyLength = masked ? MASKING_KEY_LENGTH : 0;
  if (payloadLength <= MAX_7_BIT_LENGTH) return 2 + keyLength;
  return (payloadLength <= MAX_16_BIT_LENGTH ? 4 : 10) + keyLength;
}
