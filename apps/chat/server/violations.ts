/**
 * The rules of the chat's own contract whose breach ends the connection: one table of close codes (RFC 6455 §7.4.1) and of
 * what the page is told. What can be put right on the same connection (a name, a text, a burst) is answered instead.
 */

import { CloseCode } from '@hawser/websocket';

export interface Violation {
  readonly closeCode: number;
  readonly reason: string;
}

export type ViolationCode =
  | 'not-text'
  | 'not-json'
  | 'malformed'
  | 'not-joined'
  | 'joined-already'
  | 'join-timeout'
  | 'too-fast'
  | 'room-full';

export const violations: Readonly<Record<ViolationCode, Violation>> = {
  'not-text': {
    closeCode: CloseCode.UnsupportedData,
    reason: 'Expected a text message, received a binary one',
  },
  'not-json': {
    closeCode: CloseCode.InvalidFramePayloadData,
    reason: 'Expected JSON, received something else',
  },
  malformed: {
    closeCode: CloseCode.PolicyViolation,
    reason: 'Expected a message of the contract, received another object',
  },
  'not-joined': {
    closeCode: CloseCode.PolicyViolation,
    reason: 'Expected join first, received something else',
  },
  'joined-already': { closeCode: CloseCode.PolicyViolation, reason: 'Expected one join, received another' },
  'join-timeout': { closeCode: CloseCode.PolicyViolation, reason: 'Expected join in time, received none' },
  'too-fast': { closeCode: CloseCode.PolicyViolation, reason: 'Expected fewer messages, received a flood' },
  'room-full': { closeCode: CloseCode.TryAgainLater, reason: 'The room is full' },
};
