/**
 * The arguments of `new WebSocket` behind the address: subprotocols, options, or options alone with the subprotocols
 * among them. Used by `websocket.ts`.
 */

import type { ClientOptions } from './options.ts';

/** What may stand second. */
export type ClientArguments = string | readonly string[] | ClientOptions | null | undefined;

/** Sorts the arguments. What is in the list is checked where it is used. */
export function readClientArguments(
  protocols: ClientArguments,
  options: ClientOptions | undefined,
): { readonly list: readonly unknown[]; readonly given: ClientOptions } {
  const given = (isOptions(protocols) ? protocols : options) ?? {};
  const list = isOptions(protocols) || protocols === undefined ? (given.protocols ?? []) : protocols;
  return { list: toList(list), given };
}

function isOptions(value: ClientArguments): value is ClientOptions {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Not an array of what the compiler thinks: `Dial` checks what is in it. */
function toList(protocols: unknown): readonly unknown[] {
  return isList(protocols) ? protocols : [protocols];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
