/**
 * Names of channels: `namespace:name` (docs/wire.md, "Channels"). The hub's options and its permissions go by the
 * namespace; the name is the application's. Whatever a name may not hold, a log line or a pattern could be fooled with.
 */

import { utf8Length } from './utf8-length.ts';
import { wireLimits } from './wire-limits.ts';

/**
 * Letters, digits, `_` and `-`, a colon, and a name. The name has no control characters or line separators, which would
 * forge lines of a log; no half of a surrogate pair, because two such names are one in UTF-8; and no `*`, which is for
 * patterns.
 */
const grammar = /^[\w-]+:[^*\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Whether a text is the name of a channel. */
export function isChannelName(text: string): boolean {
  return (
    text.length <= wireLimits.channelBytes &&
    grammar.test(text) &&
    text.indexOf(':') <= wireLimits.namespaceLength &&
    utf8Length(text) <= wireLimits.channelBytes
  );
}

/** The part of a channel's name before the first colon. */
export function namespaceOf(channel: string): string {
  return channel.slice(0, channel.indexOf(':'));
}
