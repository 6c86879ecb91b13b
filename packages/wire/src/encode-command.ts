/**
 * The client's half of encoding: commands to frames. What it writes, `decode-command.ts` reads.
 */

import { binaryFrame } from './frame.ts';
import type { Command } from './messages.ts';

/** Encodes a command: as bytes for a binary frame if it carries bytes, else as a string for a text frame. */
export function encodeCommand(command: Command): string | Uint8Array<ArrayBuffer> {
  if ((command.type === 'publish' || command.type === 'call') && command.data instanceof Uint8Array) {
    const { data, ...head } = command;
    return binaryFrame(JSON.stringify(head), [data]);
  }
  return JSON.stringify(command);
}
