/**
 * The options of permessage-deflate in the words of `ws`, for the engine's negotiator. As with `ws`, both sides keep
 * their windows between messages unless told otherwise.
 */

import {
  DeflateNegotiator,
  type DeflateOptions,
  type ExtensionElement,
  type Role,
} from '@hawser/websocket/driver';
import type { PerMessageDeflateOptions } from './options.ts';

/** The one extension there is. */
export const EXTENSION_NAME = 'permessage-deflate';

const MAX_WINDOW_BITS = 15;
/** zlib cannot compress with 8 and takes 9 instead, so 8 is never promised. */
const MIN_SENDING_WINDOW_BITS = 9;
const MIN_LEVEL = 1;
const MAX_LEVEL = 9;

/** Negotiates for all connections with these options; undefined if there is to be no compression. */
export function negotiatorOf(
  role: Role,
  option: boolean | PerMessageDeflateOptions | undefined,
): DeflateNegotiator | undefined {
  if (!option) return undefined;
  return new DeflateNegotiator(role, deflateOptions(role, option === true ? {} : option));
}

/** Whether compression was offered in a form that nobody should refuse a handshake for, though zlib cannot do it. */
export function asksForTinyWindow(offers: readonly ExtensionElement[]): boolean {
  return offers.some(
    (offer) =>
      offer.name === EXTENSION_NAME &&
      offer.parameters.some(({ name, value }) => name === 'server_max_window_bits' && value === '8'),
  );
}

function deflateOptions(role: Role, options: PerMessageDeflateOptions): DeflateOptions {
  const level = options.zlibDeflateOptions?.level;
  return {
    serverContextTakeover: options.serverNoContextTakeover !== true,
    clientContextTakeover: options.clientNoContextTakeover !== true,
    serverMaxWindowBits: windowBits(options.serverMaxWindowBits, role === 'server'),
    clientMaxWindowBits: windowBits(options.clientMaxWindowBits, role === 'client'),
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    ...(level !== undefined && level >= MIN_LEVEL && level <= MAX_LEVEL ? { level } : {}),
  };
}

function windowBits(option: number | boolean | undefined, isOurs: boolean): number {
  if (typeof option !== 'number') return MAX_WINDOW_BITS;
  return isOurs ? Math.max(MIN_SENDING_WINDOW_BITS, option) : option;
}
