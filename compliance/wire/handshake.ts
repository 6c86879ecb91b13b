/**
 * The opening handshake (RFC 6455 §4) from the compliance peer's side, both roles: a request to a server and the check
 * of its response, the reading of a client's request and the answer to it. After: the trials.
 */

import { randomBytes } from 'node:crypto';
import type { Channel } from './channel.ts';
import type { Cut } from './cut.ts';
import {
  acceptFor,
  formatHead,
  type HeadEdit,
  headerValue,
  headerValues,
  namesToken,
  type ReceivedHead,
  readHead,
} from './http-head.ts';

/** Where a server under test listens. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly resourceName: string;
}

/** A request that was sent and its response; undefined if none came. */
export interface RequestExchange {
  readonly key: string;
  readonly response: ReceivedHead | undefined;
}

/** Sends a request, edited, and reads the response. */
export async function sendRequest(
  channel: Channel,
  target: Target,
  edit: HeadEdit,
  timeoutMs: number,
  cut?: Cut,
): Promise<RequestExchange> {
  const key = randomBytes(16).toString('base64');
  const head = formatHead(
    `GET ${target.resourceName} HTTP/1.1`,
    [
      ['Host', `${target.host}:${target.port}`],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', key],
      ['Sec-WebSocket-Version', '13'],
    ],
    edit,
  );
  await channel.write([Buffer.from(head, 'latin1')], cut);
  const givenKey = edit.headers?.['Sec-WebSocket-Key'];
  const response = await readHead(channel, timeoutMs);
  return { key: typeof givenKey === 'string' ? givenKey : key, response };
}

/** The status of a response; 0 if there was none that could be read. */
export function statusOf(response: ReceivedHead | undefined): number {
  return Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(response?.startLine ?? '')?.[1] ?? 0);
}

/** What is wrong with a 101 (RFC 6455 §4.2.2 step 5); extensions are judged apart. */
export function acceptanceFaults(
  response: ReceivedHead,
  key: string,
  offeredProtocols: readonly string[],
): readonly string[] {
  const faults: string[] = [];
  if (statusOf(response) !== 101) return [`answered "${response.startLine}", expected status 101`];
  const upgrade = headerValue(response, 'Upgrade');
  if (upgrade?.toLowerCase() !== 'websocket') faults.push(`answered Upgrade: ${upgrade ?? 'nothing'}`);
  if (!namesToken(response, 'Connection', 'Upgrade')) faults.push('answered without Connection: Upgrade');
  const accept = headerValue(response, 'Sec-WebSocket-Accept');
  if (accept !== acceptFor(key)) faults.push(`answered Sec-WebSocket-Accept: ${accept ?? 'nothing'}`);
  const protocols = headerValues(response, 'Sec-WebSocket-Protocol');
  if (protocols.length > 1 || protocols.some((protocol) => !offeredProtocols.includes(protocol))) {
    faults.push(`answered Sec-WebSocket-Protocol: ${protocols.join(', ')}, which was not offered`);
  }
  return faults;
}

/** Answers a client's request with a 101, edited; `$accept` stands for the accept value of its key, and `behind` is sent with it. */
export async function sendAcceptance(
  channel: Channel,
  request: ReceivedHead,
  edit: HeadEdit,
  cut?: Cut,
  behind: Buffer = Buffer.alloc(0),
): Promise<void> {
  const accept = acceptFor(headerValue(request, 'Sec-WebSocket-Key') ?? '');
  const head = formatHead(
    'HTTP/1.1 101 Switching Protocols',
    [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', '$accept'],
    ],
    edit,
  ).replaceAll('$accept', accept);
  await channel.write([Buffer.from(head, 'latin1'), behind], cut);
}
