/** Everything that is fuzzed. */

import { connection } from './connection.ts';
import { extensionHeader } from './extension-header.ts';
import { frameParser } from './frame-parser.ts';
import { handshakeHead } from './handshake-head.ts';
import { inflate } from './inflate.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [frameParser, handshakeHead, extensionHeader, inflate, connection];
