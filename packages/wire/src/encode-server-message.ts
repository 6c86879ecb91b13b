/**
 * The hub's half of encoding: replies and events to frames. Content that is in the log as the text of a JSON value is put
 * into frames as that text; it is not parsed and serialised again. What this writes, `decode-server-message.ts` reads.
 */

import { binaryFrame } from './frame.ts';
import type { Data, HistoryReply, MessageHead, ServerMessage } from './messages.ts';

/** A message as a log has it: what is said of it, and its content: the text of a JSON value, or raw bytes. */
export interface StoredMessage extends MessageHead {
  readonly content: string | Uint8Array;
}

/** Encodes a reply or an event: as bytes for a binary frame if it carries bytes, else as a string for a text frame. */
export function encodeServerMessage(message: ServerMessage): string | Uint8Array {
  switch (message.type) {
    case 'message':
      return encodeMessageEvent(message.channel, message, contentOf(message.data));
    case 'history':
      return encodeHistoryReply(
        message,
        message.messages.map(({ data, ...head }) => ({ ...head, content: contentOf(data) })),
      );
    case 'result': {
      if (!(message.data instanceof Uint8Array)) return JSON.stringify(message);
      const { data, ...head } = message;
      return binaryFrame(JSON.stringify(head), [data]);
    }
    default:
      return JSON.stringify(message);
  }
}

/**
 * Encodes a message for all subscribers of its channel at once.
 *
 * @param content The text of a JSON value, which has to be right, or raw bytes.
 */
export function encodeMessageEvent(
  channel: string,
  head: MessageHead,
  content: string | Uint8Array,
): string | Uint8Array {
  const fields = `{"type":"message","channel":${JSON.stringify(channel)},${headFields(head)}`;
  return typeof content === 'string' ? `${fields},"data":${content}}` : binaryFrame(`${fields}}`, [content]);
}

/** Encodes the reply to `history` from what the log has. */
export function encodeHistoryReply(
  reply: Omit<HistoryReply, 'type' | 'messages'>,
  messages: readonly StoredMessage[],
): string | Uint8Array {
  const { id, channel, epoch, hasMore } = reply;
  const head = JSON.stringify({ type: 'history', id, channel, epoch, hasMore });
  const list = messages.map(historyMessage).join();
  const text = `${head.slice(0, -1)},"messages":[${list}]}`;
  const chunks = messages.map(({ content }) => content).filter((content) => typeof content !== 'string');
  return chunks.length > 0 ? binaryFrame(text, chunks) : text;
}

function historyMessage(message: StoredMessage): string {
  const { content } = message;
  const data = typeof content === 'string' ? `"data":${content}` : `"byteLength":${content.length}`;
  return `{${headFields(message)},${data}}`;
}

/** Field by field: an entry of a log has others, which are not for clients. */
function headFields({ offset, at, user, messageId, key }: MessageHead): string {
  let fields = `"offset":${offset},"at":${at}`;
  if (user !== undefined) fields += `,"user":${JSON.stringify(user)}`;
  if (messageId !== undefined) fields += `,"messageId":${JSON.stringify(messageId)}`;
  if (key !== undefined) fields += `,"key":${JSON.stringify(key)}`;
  return fields;
}

function contentOf(data: Data): string | Uint8Array {
  return data instanceof Uint8Array ? data : JSON.stringify(data);
}
