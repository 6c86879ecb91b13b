/**
 * The engine's violations in the words that users of `ws` know: one table from the engine's stable code to the class,
 * the `code` and the message that programs compare. The engine's own error stays as `cause`.
 */

import type { ViolationError } from '@hawser/websocket/driver';

/** An error with a code that never changes. */
export interface CodedError extends Error {
  readonly code: string;
}

interface Row {
  readonly type: 'Error' | 'RangeError';
  readonly code: string;
  /** What the message says, made from what was received. */
  readonly message: (received: string) => string;
}

const rows: Readonly<Record<string, Row>> = {
  'reserved-bit-set': frameRow('WS_ERR_UNEXPECTED_RSV_1', () => 'RSV1 must be clear'),
  'reserved-opcode': frameRow(
    'WS_ERR_INVALID_OPCODE',
    (received) => `invalid opcode ${lastNumber(received)}`,
  ),
  'unexpected-continuation': frameRow('WS_ERR_INVALID_OPCODE', () => 'invalid opcode 0'),
  'expected-continuation': frameRow(
    'WS_ERR_INVALID_OPCODE',
    (received) => `invalid opcode ${lastNumber(received)}`,
  ),
  'unmasked-frame': frameRow('WS_ERR_EXPECTED_MASK', () => 'MASK must be set'),
  'masked-frame': frameRow('WS_ERR_UNEXPECTED_MASK', () => 'MASK must be clear'),
  'fragmented-control-frame': frameRow('WS_ERR_EXPECTED_FIN', () => 'FIN must be set'),
  'control-frame-too-long': frameRow(
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    (received) => `invalid payload length ${lastNumber(received)}`,
  ),
  'close-payload-too-short': frameRow(
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    () => 'invalid payload length 1',
  ),
  'invalid-close-code': frameRow(
    'WS_ERR_INVALID_CLOSE_CODE',
    (received) => `invalid status code ${received}`,
  ),
  'invalid-utf8': utf8Row(),
  'invalid-close-reason': utf8Row(),
  'non-minimal-length': frameRow('WS_ERR_INVALID_PAYLOAD_LENGTH', () => 'payload length is not minimal'),
  'length-bit-63-set': unsafeLengthRow(),
  'frame-too-long': row('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded'),
  'message-too-long': row('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded'),
  'input-over-budget': row('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded'),
  'too-many-fragments': row('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'Too many message fragments'),
  'output-over-budget': row('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'Too many bytes wait to be sent'),
  'invalid-compressed-data': { type: 'Error', code: 'Z_DATA_ERROR', message: (received) => received },
};

/** The row of a violation that is one with another in the engine. */
const otherReservedBits = frameRow('WS_ERR_UNEXPECTED_RSV_2_3', () => 'RSV2 and RSV3 must be clear');
/** The error that a listener of `error` gets. */
export function toCodedError(error: ViolationError): CodedError {
  const { type, code, message } = rowOf(error);
  const text = message(error.received);
  const options = { cause: error };
  const coded = type === 'RangeError' ? new RangeError(text, options) : new Error(text, options);
  return Object.assign(coded, code === 'Z_DATA_ERROR' ? { code, errno: -3 } : { code });
}

function rowOf({ code, received, message }: ViolationError): Row {
  if (code === 'reserved-bit-set' && !onlyRsv1(received)) return otherReservedBits;
  if (code === 'frame-too-long' && Number.parseInt(received, 10) > Number.MAX_SAFE_INTEGER)
    return unsafeLengthRow();
  return rows[code] ?? row('WS_ERR_UNEXPECTED', message);
}

function frameRow(code: string, message: Row['message']): Row {
  return { type: 'RangeError', code, message: (received) => `Invalid WebSocket frame: ${message(received)}` };
}

function utf8Row(): Row {
  const message = 'Invalid WebSocket frame: invalid UTF-8 sequence';
  return { type: 'Error', code: 'WS_ERR_INVALID_UTF8', message: () => message };
}

function unsafeLengthRow(): Row {
  const message = 'Unsupported WebSocket frame: payload length > 2^53 - 1';
  return row('WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', message);
}

function row(code: string, message: string): Row {
  return { type: 'RangeError', code, message: () => message };
}

/** The number at the end of what the engine says it received, be it decimal or hexadecimal. */
function lastNumber(received: string): number {
  return Number(/(?:0x[0-9a-f]+|\d+)$/.exec(received)?.[0]);
}

const RSV2_RSV3 = 0x30;

function onlyRsv1(received: string): boolean {
  return (lastNumber(received) & RSV2_RSV3) === 0;
}
