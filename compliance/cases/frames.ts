/** The vocabulary of the case tables: frames by name, payloads by length, and cases by what they expect. */

import type { CaseDraft, Message, Outcome, Step } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import type { Item } from '../wire/conversation.ts';
import type { Cut } from '../wire/cut.ts';
import { type Frame, Opcode, type Role } from '../wire/frame.ts';

type Payload = string | Uint8Array;
type Options = Omit<Frame, 'opcode' | 'payload'>;

/** A text frame. */
export function text(payload: Payload = '', options: Options = {}): Frame {
  return { opcode: Opcode.Text, payload, ...options };
}

/** A binary frame. */
export function binary(payload: Payload = '', options: Options = {}): Frame {
  return { opcode: Opcode.Binary, payload, ...options };
}

/** A continuation frame. */
export function continuation(payload: Payload = '', options: Options = {}): Frame {
  return { opcode: Opcode.Continuation, payload, ...options };
}

/** A Ping frame. */
export function ping(payload: Payload = '', options: Options = {}): Frame {
  return { opcode: Opcode.Ping, payload, ...options };
}

/** A Pong frame. */
export function pong(payload: Payload = '', options: Options = {}): Frame {
  return { opcode: Opcode.Pong, payload, ...options };
}

/** A Close frame with a code, or without. */
export function close(code?: number, reason: Payload = '', options: Options = {}): Frame {
  const payload =
    code === undefined ? '' : Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
  return { opcode: Opcode.Close, payload, ...options };
}

/** Not the last fragment. */
export const unfinished: Options = { fin: false };

/** Bytes that differ from their neighbours, so that none can be lost or swapped unseen. */
export function bytes(length: number, seed = 0): Buffer {
  const result = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) result[i] = (i * 167 + (i >> 8) * 59 + seed) & 0xff;
  return result;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/';

/** Text of so many bytes, all ASCII. */
export function ascii(length: number, seed = 0): string {
  const result = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) result[i] = alphabet.charCodeAt((i * 7 + (i >> 6) * 11 + seed) % 64);
  return result.toString('latin1');
}

/** What most cases consist of: things to send, at once or one group after the other. */
export interface Sending {
  readonly title: string;
  readonly holds: readonly RequirementId[];
  readonly items: readonly Item[] | (() => readonly Item[]);
  readonly cut?: Cut;
  readonly role?: Role;
  readonly isSlow?: boolean;
}

/** Messages and Pings are answered, and the connection closes cleanly. */
export function answers(
  sending: Sending,
  messages: readonly Message[] | (() => readonly Message[]) = [],
  pongs: readonly Message[] = [],
): CaseDraft {
  return draft(sending, { type: 'echoes', messages, pongs });
}

/** The connection is failed with one of these codes; what went before may be echoed. */
export function fails(
  sending: Sending,
  codes: number | readonly number[],
  messages: readonly Message[] = [],
): CaseDraft {
  return draft(sending, { type: 'fails', codes: [codes].flat(), messages });
}

/** Our Close frame, the last item, is answered by one with one of these codes. */
export function closes(
  sending: Sending,
  codes: readonly (number | undefined)[],
  messages: readonly Message[] = [],
  pongs: readonly Message[] = [],
): CaseDraft {
  return draft(sending, { type: 'closes', codes, messages, pongs });
}

/** A case of several steps. */
export function steps(
  about: Omit<Sending, 'items' | 'cut'>,
  list: readonly Step[] | (() => readonly Step[]),
  outcome: Outcome,
): CaseDraft {
  const { title, holds, role, isSlow } = about;
  return {
    title,
    holds,
    ...(role === undefined ? {} : { role }),
    ...(isSlow === undefined ? {} : { isSlow }),
    trial: { type: 'exchange', steps: typeof list === 'function' ? list : () => list, outcome },
  };
}

/** A step that sends. */
export function send(items: readonly Item[], cut?: Cut): Step {
  return cut === undefined ? { type: 'send', items } : { type: 'send', items, cut };
}

/** A step that waits. */
export function awaitAnswers(counts: { readonly messages?: number; readonly pongs?: number }): Step {
  return { type: 'await', ...counts };
}

/** A step by which the connection should have been failed. */
export const expectFailure: Step = { type: 'expect failure' };

function draft(sending: Sending, outcome: Outcome): CaseDraft {
  const { items, cut } = sending;
  return steps(sending, () => [send(typeof items === 'function' ? items() : items, cut)], outcome);
}
