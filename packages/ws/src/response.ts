/**
 * The client's check of the answer to its handshake (RFC 6455 §4.1), with the messages that users of `ws` know. Used
 * by `dial.ts`.
 */

import type { IncomingMessage } from 'node:http';
import {
  acceptKey,
  type Extension,
  type ExtensionElement,
  parseExtensionList,
} from '@hawser/websocket/driver';
import { type DeflateTerms, EXTENSION_NAME } from './deflate.ts';

/** What the client asked for. */
export interface Asked {
  readonly key: string;
  readonly protocols: ReadonlySet<string>;
  readonly deflate: DeflateTerms | undefined;
}

/** What both sides agreed on. */
export interface Agreed {
  /** Empty for none. */
  readonly protocol: string;
  readonly extension: Extension | undefined;
}

/**
 * Checks the head of a 101 response.
 *
 * @throws Error that says what is wrong with it.
 */
export function checkUpgradeResponse({ headers }: IncomingMessage, asked: Asked): Agreed {
  if (headers.upgrade?.toLowerCase() !== 'websocket') throw new Error('Invalid Upgrade header');
  if (headers['sec-websocket-accept'] !== acceptKey(asked.key)) {
    throw new Error('Invalid Sec-WebSocket-Accept header');
  }
  const protocol = headers['sec-websocket-protocol'];
  checkProtocol(protocol, asked.protocols);
  return { protocol: protocol ?? '', extension: agreedExtension(headers['sec-websocket-extensions'], asked) };
}

function checkProtocol(protocol: string | undefined, asked: ReadonlySet<string>): void {
  if (protocol === undefined) {
    if (asked.size > 0) throw new Error('Server sent no subprotocol');
  } else if (asked.size === 0) {
    throw new Error('Server sent a subprotocol but none was requested');
  } else if (!asked.has(protocol)) {
    throw new Error('Server sent an invalid subprotocol');
  }
}

function agreedExtension(header: string | undefined, { deflate }: Asked): Extension | undefined {
  if (header === undefined) return undefined;
  if (deflate === undefined) {
    throw new Error('Server sent a Sec-WebSocket-Extensions header but no extension was requested');
  }
  const elements = parseExtensionList(header);
  if (elements === undefined) throw new Error(INVALID_EXTENSIONS);
  if (elements.some(({ name }) => name !== EXTENSION_NAME)) {
    throw new Error('Server indicated an extension that was not requested');
  }
  return check(deflate, elements);
}

function check(deflate: DeflateTerms, elements: readonly ExtensionElement[]): Extension | undefined {
  try {
    return deflate.check(elements);
  } catch (cause) {
    throw new Error(INVALID_EXTENSIONS, { cause });
  }
}

const INVALID_EXTENSIONS = 'Invalid Sec-WebSocket-Extensions header';
