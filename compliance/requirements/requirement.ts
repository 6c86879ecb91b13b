/** What a requirement of an RFC is, as the tables beside this file list them. */

import type { ViolationName } from '@hawser/protocol';

/** The key words of RFC 2119. */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';

/** One MUST or SHOULD. */
export interface Requirement {
  /** The section, without the sign: `5.2`. */
  readonly section: string;
  readonly level: Level;
  /** The rule, in our own words. */
  readonly rule: string;
  /** Where it is obeyed. */
  readonly files?: readonly string[];
  /** The rows of the violation table that say it, where a peer can break it. */
  readonly violations?: readonly ViolationName[];
  /** Unit tests that hold it, beside the compliance cases that name it. */
  readonly tests?: readonly string[];
  /** Why nothing tests it, where nothing does. */
  readonly untested?: string;
}

/** A file of the engine. */
export function protocol(file: string): string {
  return `packages/protocol/src/${file}`;
}

/** A file of the Node package. */
export function websocket(file: string): string {
  return `packages/websocket/src/${file}`;
}

/** A test of the engine, by section of RFC 6455. */
export function rfc6455Test(file: string): string {
  return `packages/protocol/test/rfc6455/${file}.test.ts`;
}
