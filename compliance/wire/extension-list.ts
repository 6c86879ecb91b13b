/**
 * Sec-WebSocket-Extensions (RFC 6455 §9.1) and the rules of permessage-deflate's parameters (RFC 7692 §7.1), read
 * to judge what a tested endpoint offers or answers. After: `handshake.ts`.
 */

import type { Direction } from './deflate-context.ts';
import type { Role } from './frame.ts';

/** One element of the list. */
export interface ExtensionElement {
  readonly name: string;
  /** A parameter without a value has `true`. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** The parameters of RFC 7692 §7.1. */
export interface DeflateParameters {
  readonly server_no_context_takeover?: true;
  readonly client_no_context_takeover?: true;
  readonly server_max_window_bits?: number;
  /** `true` in an offer says only that the client understands the parameter. */
  readonly client_max_window_bits?: number | true;
}

/** The extension's name. */
export const PERMESSAGE_DEFLATE = 'permessage-deflate';

const parameterNames = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
] as const;

/** Reads a list that is well formed; quoted strings may not hold commas or semicolons here. */
export function parseExtensions(header: string | undefined): readonly ExtensionElement[] {
  if (header === undefined || header.trim() === '') return [];
  return header.split(',').map((element) => {
    const [name = '', ...parameters] = element.split(';').map((part) => part.trim());
    return { name, parameters: parameters.map(parseParameter) };
  });
}

function parseParameter(text: string): readonly [name: string, value: string | true] {
  const [name = '', value] = text.split('=').map((part) => part.trim());
  return [name, value === undefined ? true : value.replace(/^"(.*)"$/, '$1')];
}

/** Writes an element for permessage-deflate. */
export function formatDeflate(parameters: DeflateParameters): string {
  const parts = parameterNames.flatMap((name) => {
    const value = parameters[name];
    if (value === undefined) return [];
    return value === true ? [name] : [`${name}=${value}`];
  });
  return [PERMESSAGE_DEFLATE, ...parts].join('; ');
}

/** What is wrong with permessage-deflate's parameters in an offer or an answer (RFC 7692 §7.1); undefined if nothing. */
export function parameterFault(element: ExtensionElement, side: 'offer' | 'answer'): string | undefined {
  const names = element.parameters.map(([name]) => name);
  if (new Set(names).size < names.length) return 'a parameter twice';
  for (const [name, value] of element.parameters) {
    if (!isValidParameter(name, value, side)) return `${name}${value === true ? '' : `=${value}`}`;
  }
  return undefined;
}

function isValidParameter(name: string, value: string | true, side: 'offer' | 'answer'): boolean {
  if (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') return value === true;
  if (name === 'client_max_window_bits' && value === true) return side === 'offer';
  const takesBits = name === 'server_max_window_bits' || name === 'client_max_window_bits';
  return takesBits && value !== true && /^([89]|1[0-5])$/.test(value);
}

/** The parameters of a valid element. */
export function readDeflate(element: ExtensionElement): DeflateParameters {
  const find = (name: string): string | true | undefined =>
    element.parameters.find(([each]) => each === name)?.[1];
  const serverBits = find('server_max_window_bits');
  const clientBits = find('client_max_window_bits');
  return {
    ...(find('server_no_context_takeover') === undefined ? {} : { server_no_context_takeover: true }),
    ...(find('client_no_context_takeover') === undefined ? {} : { client_no_context_takeover: true }),
    ...(serverBits === undefined ? {} : { server_max_window_bits: Number(serverBits) }),
    ...(clientBits === undefined
      ? {}
      : { client_max_window_bits: clientBits === true ? true : Number(clientBits) }),
  };
}

/** How an answer breaks the offer that it accepts (RFC 7692 §7.1.1, §7.1.2); undefined if it does not. */
export function answerFault(offer: DeflateParameters, answer: DeflateParameters): string | undefined {
  if (offer.server_no_context_takeover && !answer.server_no_context_takeover) {
    return 'accepted server_no_context_takeover without naming it';
  }
  const serverBits = answer.server_max_window_bits;
  if (offer.server_max_window_bits !== undefined) {
    if (serverBits === undefined) return 'accepted server_max_window_bits without naming it';
    if (serverBits > offer.server_max_window_bits) return 'answered a larger server_max_window_bits';
  }
  const clientBits = answer.client_max_window_bits;
  if (clientBits === undefined) return undefined;
  const offered = offer.client_max_window_bits;
  if (offered === undefined) return 'answered client_max_window_bits, which was not offered';
  if (typeof offered === 'number' && clientBits !== true && clientBits > offered)
    return 'answered a larger client_max_window_bits';
  return undefined;
}

/** What an answer means for the messages that `sender` compresses. */
export function directionOf(sender: Role, answer: DeflateParameters): Direction {
  const bits = sender === 'server' ? answer.server_max_window_bits : answer.client_max_window_bits;
  const noTakeover =
    sender === 'server' ? answer.server_no_context_takeover : answer.client_no_context_takeover;
  return { maxWindowBits: typeof bits === 'number' ? bits : 15, noContextTakeover: noTakeover === true };
}
