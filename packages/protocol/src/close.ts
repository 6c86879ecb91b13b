/**
 * Close frames (RFC 6455 §5.5.1, §7.4): the codes, which of them may stand on the wire, and the payload's two parts.
 */

import { ProtocolError } from './errors.ts';
import { MAX_CONTROL_PAYLOAD_LENGTH } from './frame.ts';
import { Utf8Validator } from './utf8.ts';

/** The close codes of RFC 6455 §7.4.1 and of IANA's registry. */
export const CloseCode = {
  NormalClosure: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Never on the wire: the Close frame had no code. */
  NoStatusReceived: 1005,
  /** Never on the wire: the connection was lost without a Close frame. */
  AbnormalClosure: 1006,
  InvalidFramePayloadData: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
  /** Never on the wire: the TLS handshake failed. */
  TlsHandshake: 1015,
} as const;

/** How a connection ended: what the peer's Close frame said, or 1005 or 1006 where there was none to say it. */
export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
  /** Whether the closing handshake was completed (RFC 6455 §7.1.4). */
  readonly clean: boolean;
}

/** What a received Close frame says; `code` is undefined if its payload was empty. */
export interface ClosePayload {
  readonly code: number | undefined;
  readonly reason: string;
}

const CODE_LENGTH = 2;
/** Longest close reason, in bytes of UTF-8. */
export const MAX_CLOSE_REASON_LENGTH: number = MAX_CONTROL_PAYLOAD_LENGTH - CODE_LENGTH;

/**
 * Reads the payload of a Close frame.
 *
 * @throws ProtocolError if it is one byte long, its code may not stand on the wire or its reason is not UTF-8.
 */
export function parseClosePayload(payload: Uint8Array): ClosePayload {
  const [high, low] = payload;
  if (high === undefined) return { code: undefined, reason: '' };
  if (low === undefined) throw new ProtocolError('close-payload-too-short', '1 byte');
  const code = (high << 8) | low;
  if (!isCloseCodeOnWire(code)) throw new ProtocolError('invalid-close-code', String(code));
  return { code, reason: decodeReason(payload.subarray(CODE_LENGTH)) };
}

/**
 * Builds the payload of a Close frame; without a code it is empty.
 *
 * @throws RangeError if the code may not stand on the wire or the reason is longer than `MAX_CLOSE_REASON_LENGTH`.
 */
export function encodeClosePayload(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) {
    if (reason !== '')
      throw new RangeError('Expected a close code with a close reason, received a reason alone');
    return new Uint8Array(0);
  }
  if (!isCloseCodeOnWire(code)) {
    throw new RangeError(`Expected a close code of 1000-1003, 1007-1014 or 3000-4999, received ${code}`);
  }
  const reasonBytes = new TextEncoder().encode(reason);
  if (reasonBytes.length > MAX_CLOSE_REASON_LENGTH) {
    throw new RangeError(
      `Expected a close reason of at most ${MAX_CLOSE_REASON_LENGTH} bytes, received ${reasonBytes.length}`,
    );
  }
  return Uint8Array.of(code >>> 8, code, ...reasonBytes);
}

/** RFC 6455 §7.4.1, §7.4.2: reserved and unregistered codes may not stand in a Close frame. */
function isCloseCodeOnWire(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

function decodeReason(bytes: Uint8Array): string {
  const utf8 = new Utf8Validator();
  if (!utf8.push(bytes) || !utf8.isComplete) {
    throw new ProtocolError('invalid-close-reason', `${bytes.length} bytes that are not UTF-8`);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
