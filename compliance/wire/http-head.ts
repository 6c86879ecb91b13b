/**
 * Heads of HTTP messages, written by hand so that every line can be wrong, and read leniently so that what is wrong
 * can be named. Before: `channel.ts`; after: `handshake.ts`.
 */

import { createHash } from 'node:crypto';
import type { Channel } from './channel.ts';

/** A head that was received. */
export interface ReceivedHead {
  readonly startLine: string;
  /** Names as they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Changes to a well-formed head. */
export interface HeadEdit {
  readonly startLine?: string;
  /** Header fields to put in place of those that stand there, or to add; undefined takes one away, a list repeats it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A change to the text as a whole, for what no header field can say. */
  readonly rewrite?: (head: string) => string;
}

type Fields = readonly (readonly [name: string, value: string])[];

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The Sec-WebSocket-Accept that belongs to a key (RFC 6455 §4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
}

/** The text of a head, edited. */
export function formatHead(startLine: string, fields: Fields, edit: HeadEdit = {}): string {
  const edits = Object.entries(edit.headers ?? {});
  const isEdited = (name: string): boolean => edits.some(([key]) => key.toLowerCase() === name.toLowerCase());
  const kept = fields.filter(([name]) => !isEdited(name));
  const added = edits.flatMap(([name, value]) => valuesOf(value).map((each) => [name, each] as const));
  const lines = [...kept, ...added].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${edit.startLine ?? startLine}\r\n${lines.join('')}\r\n`;
  return edit.rewrite?.(head) ?? head;
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** Reads one head; what comes behind it is left in the channel. Undefined if none comes in time. */
export async function readHead(channel: Channel, timeoutMs: number): Promise<ReceivedHead | undefined> {
  let bytes = Buffer.alloc(0);
  channel.listen((chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  const isWhole = await channel.until(() => bytes.includes('\r\n\r\n'), timeoutMs);
  const end = bytes.indexOf('\r\n\r\n');
  channel.unread(isWhole ? bytes.subarray(end + 4) : Buffer.alloc(0));
  return isWhole ? parseHead(bytes.subarray(0, end).toString('latin1')) : undefined;
}

function parseHead(text: string): ReceivedHead {
  const [startLine = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { startLine, headers };
}

/** All values of a header field. */
export function headerValues(head: ReceivedHead, name: string): readonly string[] {
  return head.headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** A header field's value; several are joined by commas, none is undefined. */
export function headerValue(head: ReceivedHead, name: string): string | undefined {
  const values = headerValues(head, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** Whether a list in a header names the token, whatever its case. */
export function namesToken(head: ReceivedHead, name: string, token: string): boolean {
  const elements = headerValue(head, name)?.split(',') ?? [];
  return elements.some((element) => element.trim().toLowerCase() === token.toLowerCase());
}
