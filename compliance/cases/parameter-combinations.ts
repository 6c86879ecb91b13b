/** Combinations of the four parameters of permessage-deflate (RFC 7692 §7.1), for offers and for answers. */

import type { DeflateParameters } from '../wire/extension-list.ts';

const serverFlags: readonly DeflateParameters[] = [{}, { server_no_context_takeover: true }];
const clientFlags: readonly DeflateParameters[] = [{}, { client_no_context_takeover: true }];

/** Each flag set and unset, with each of the windows given; undefined leaves the parameter out. */
export function parameterCombinations(
  serverBits: readonly (number | undefined)[],
  clientBits: readonly (number | true | undefined)[],
): DeflateParameters[] {
  const servers = serverBits.map((bits) => (bits === undefined ? {} : { server_max_window_bits: bits }));
  const clients = clientBits.map((bits) => (bits === undefined ? {} : { client_max_window_bits: bits }));
  return [serverFlags, clientFlags, servers, clients].reduce<DeflateParameters[]>(product, [{}]);
}

function product(lefts: DeflateParameters[], rights: readonly DeflateParameters[]): DeflateParameters[] {
  return lefts.flatMap((left) => rights.map((right) => ({ ...left, ...right })));
}
