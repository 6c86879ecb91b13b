/** All families of cases, in order. */

import type { Case, Family } from '../case.ts';
import { framing } from './1-framing.ts';
import { pingsAndPongs } from './2-pings-pongs.ts';
import { reservedBits } from './3-reserved-bits.ts';
import { opcodes } from './4-opcodes.ts';
import { fragmentation } from './5-fragmentation.ts';
import { utf8 } from './6-utf8.ts';
import { closing } from './7-closing.ts';
import { masking } from './8-masking.ts';
import { payloadLengths } from './9-payload-lengths.ts';
import { sizesFamily } from './10-sizes.ts';
import { roundTrips } from './11-round-trips.ts';
import { serverHandshake } from './12-server-handshake.ts';
import { clientHandshake } from './13-client-handshake.ts';
import { compressionOffers } from './14-compression-offers.ts';
import { compressionAnswers } from './15-compression-answers.ts';
import { compressedMessages } from './16-compressed-messages.ts';
import { compressionViolations } from './17-compression-violations.ts';

/** The families. */
export const families: readonly Family[] = [
  framing,
  pingsAndPongs,
  reservedBits,
  opcodes,
  fragmentation,
  utf8,
  closing,
  masking,
  payloadLengths,
  sizesFamily,
  roundTrips,
  serverHandshake,
  clientHandshake,
  compressionOffers,
  compressionAnswers,
  compressedMessages,
  compressionViolations,
];

/** Which cases to run. */
export interface Selection {
  /** Numbers of families. Default: all. */
  readonly families?: readonly number[];
  /** Leaves out the slow cases. */
  readonly quick?: boolean;
}

/** The cases of a selection. */
export function selectCases({ families: numbers, quick = false }: Selection = {}): readonly Case[] {
  return families
    .filter(({ number }) => numbers?.includes(number) ?? true)
    .flatMap(({ cases }) => cases)
    .filter(({ isSlow }) => !(quick && isSlow));
}
