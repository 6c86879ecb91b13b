/**
 * The negotiation of permessage-deflate (RFC 7692 §7.1): offers and answers as values, both roles. An offer that
 * breaks a rule is declined; an answer that breaks one fails the handshake.
 */

import { HandshakeError } from '../errors.ts';
import { type ExtensionElement, type ExtensionParameter, formatExtensionList } from '../handshake/headers.ts';

/** What the two sides agreed on. */
export interface DeflateParameters {
  /** The server begins each message with an empty window. */
  readonly serverNoContextTakeover: boolean;
  /** The client begins each message with an empty window. */
  readonly clientNoContextTakeover: boolean;
  /** Base-2 logarithm of the server's window, 8 to 15. */
  readonly serverMaxWindowBits: number;
  /** Base-2 logarithm of the client's window, 8 to 15. */
  readonly clientMaxWindowBits: number;
}

/** What one side would like. */
export interface DeflatePreferences extends DeflateParameters {
  /** Whether the client's window is spoken of at all: offered to be limited by a client, limited by a server. Default true. */
  readonly negotiatesClientWindow?: boolean;
}

const EXTENSION_NAME = 'permessage-deflate';
const MAX_WINDOW_BITS = 15;
const MIN_WINDOW_BITS = 8;
/** zlib turns a window of 8 bits into one of 9 when it compresses, so we never promise to send with 8. */
export const MIN_SENDING_WINDOW_BITS = 9;

/** What a server makes of the offers. */
export interface AcceptedOffer {
  readonly parameters: DeflateParameters;
  readonly answer: ExtensionElement;
}

/** The parameters of one offer or answer, as they stand there. */
interface WrittenParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | undefined;
  /** `anything` for a parameter without a value, which only an offer may have. */
  readonly clientMaxWindowBits: number | 'anything' | undefined;
}

/**
 * The server's side: takes the first offer that it can accept.
 *
 * @returns What was agreed on, and the answer that says so; undefined if no offer is acceptable.
 */
export function acceptOffer(
  offers: readonly ExtensionElement[],
  preferences: DeflatePreferences,
): AcceptedOffer | undefined {
  for (const offer of offers) {
    if (offer.name !== EXTENSION_NAME) continue;
    const written = readParameters(offer.parameters);
    const parameters = written && agree(written, preferences);
    if (parameters === undefined) continue;
    // RFC 7692 §7.1.2.1: an offered limit of the server's window is accepted by naming it, even if it limits nothing.
    const isNamed = written?.serverMaxWindowBits !== undefined;
    return { parameters, answer: describeAnswer(parameters, isNamed) };
  }
  return undefined;
}

/** What was agreed on, as an element. Parameters at their defaults are left out, unless the offer named them. */
export function describeAnswer(
  agreed: DeflateParameters,
  namesServerMaxWindowBits: boolean = false,
): ExtensionElement {
  return element([
    flag('server_no_context_takeover', agreed.serverNoContextTakeover),
    flag('client_no_context_takeover', agreed.clientNoContextTakeover),
    windowBits('server_max_window_bits', agreed.serverMaxWindowBits, namesServerMaxWindowBits),
    windowBits('client_max_window_bits', agreed.clientMaxWindowBits),
  ]);
}

/** The client's offer; it allows the server to limit the client's window (RFC 7692 §7.1.2.2), unless told otherwise. */
export function describeOffer(preferences: DeflatePreferences): ExtensionElement {
  const name = 'client_max_window_bits';
  return element([
    flag('server_no_context_takeover', preferences.serverNoContextTakeover),
    flag('client_no_context_takeover', preferences.clientNoContextTakeover),
    windowBits('server_max_window_bits', preferences.serverMaxWindowBits),
    windowBits(name, preferences.clientMaxWindowBits) ?? flag(name, negotiatesClientWindow(preferences)),
  ]);
}

/**
 * The client's side: checks the server's answer to the offer that `describeOffer` made.
 *
 * @returns What was agreed on; undefined if the server declined.
 * @throws HandshakeError if the answer breaks a rule of RFC 7692 §7.1.
 */
export function checkAnswer(
  accepted: readonly ExtensionElement[],
  preferences: DeflatePreferences,
): DeflateParameters | undefined {
  const answers = accepted.filter(({ name }) => name === EXTENSION_NAME);
  const [answer] = answers;
  if (answer === undefined) return undefined;
  const written = readParameters(answer.parameters);
  if (answers.length > 1 || written === undefined || !fitsOffer(written, preferences)) {
    throw new HandshakeError('invalid-extension-answer', formatExtensionList(answers));
  }
  return {
    serverNoContextTakeover: written.serverNoContextTakeover,
    // A client may always begin anew, whether or not the server asks for it.
    clientNoContextTakeover: written.clientNoContextTakeover || preferences.clientNoContextTakeover,
    serverMaxWindowBits: written.serverMaxWindowBits ?? MAX_WINDOW_BITS,
    // RFC 7692 §7.1.2.2: a client keeps to the window that it offered, whether or not the server names one.
    clientMaxWindowBits: bitsOr(written.clientMaxWindowBits, preferences.clientMaxWindowBits),
  };
}

function agree(offer: WrittenParameters, preferences: DeflatePreferences): DeflateParameters | undefined {
  const serverMaxWindowBits = Math.min(
    offer.serverMaxWindowBits ?? MAX_WINDOW_BITS,
    preferences.serverMaxWindowBits,
  );
  if (serverMaxWindowBits < MIN_SENDING_WINDOW_BITS) return undefined;
  // RFC 7692 §7.1.2.2: the client's window may be limited only if the client said that it can be.
  const clientMaxWindowBits =
    offer.clientMaxWindowBits === undefined || !negotiatesClientWindow(preferences)
      ? MAX_WINDOW_BITS
      : Math.min(bitsOr(offer.clientMaxWindowBits, MAX_WINDOW_BITS), preferences.clientMaxWindowBits);
  return {
    serverNoContextTakeover: offer.serverNoContextTakeover || preferences.serverNoContextTakeover,
    clientNoContextTakeover: offer.clientNoContextTakeover || preferences.clientNoContextTakeover,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

function fitsOffer(answer: WrittenParameters, offered: DeflatePreferences): boolean {
  // RFC 7692 §7.1.1.1, §7.1.2.1: what the client asked of the server, the server must have accepted.
  if (offered.serverNoContextTakeover && !answer.serverNoContextTakeover) return false;
  if ((answer.serverMaxWindowBits ?? MAX_WINDOW_BITS) > offered.serverMaxWindowBits) return false;
  // RFC 7692 §7.1.2.2: an answer has the parameter only if the offer had it, and then with a value no larger.
  const { clientMaxWindowBits } = answer;
  if (!negotiatesClientWindow(offered)) return clientMaxWindowBits === undefined;
  return clientMaxWindowBits !== 'anything' && (clientMaxWindowBits ?? 0) <= offered.clientMaxWindowBits;
}

function negotiatesClientWindow({ negotiatesClientWindow: isWanted = true }: DeflatePreferences): boolean {
  return isWanted;
}

/** Reads parameters; undefined if one is unknown, comes twice or has a value that it cannot have. */
function readParameters(parameters: readonly ExtensionParameter[]): WrittenParameters | undefined {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  if (values.size < parameters.length || !parameters.every(isValid)) return undefined;
  const clientBits = values.get('client_max_window_bits');
  return {
    serverNoContextTakeover: values.has('server_no_context_takeover'),
    clientNoContextTakeover: values.has('client_no_context_takeover'),
    serverMaxWindowBits: bitsOf(values.get('server_max_window_bits')),
    clientMaxWindowBits: values.has('client_max_window_bits')
      ? (bitsOf(clientBits) ?? 'anything')
      : undefined,
  };
}

function isValid({ name, value }: ExtensionParameter): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === undefined;
    case 'server_max_window_bits':
      return value !== undefined && isWindowBits(value);
    case 'client_max_window_bits':
      return value === undefined || isWindowBits(value);
    default:
      return false;
  }
}

/** RFC 7692 §7.1.2: a decimal integer from 8 to 15 without leading zeros. */
function isWindowBits(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

function bitsOf(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function bitsOr(bits: number | 'anything' | undefined, otherwise: number): number {
  return typeof bits === 'number' ? bits : otherwise;
}

function element(parameters: readonly (ExtensionParameter | undefined)[]): ExtensionElement {
  return { name: EXTENSION_NAME, parameters: parameters.filter((parameter) => parameter !== undefined) };
}

function flag(name: string, isSet: boolean): ExtensionParameter | undefined {
  return isSet ? { name, value: undefined } : undefined;
}

function windowBits(name: string, bits: number, isNamed = false): ExtensionParameter | undefined {
  return bits === MAX_WINDOW_BITS && !isNamed ? undefined : { name, value: String(bits) };
}

/** Checks preferences given by a user. @throws RangeError if a window is out of range for its direction. */
export function checkPreferences(preferences: DeflatePreferences, sending: 'server' | 'client'): void {
  for (const side of ['server', 'client'] as const) {
    const bits = side === 'server' ? preferences.serverMaxWindowBits : preferences.clientMaxWindowBits;
    const least = side === sending ? MIN_SENDING_WINDOW_BITS : MIN_WINDOW_BITS;
    if (Number.isInteger(bits) && bits >= least && bits <= MAX_WINDOW_BITS) continue;
    throw new RangeError(`Expected ${side}MaxWindowBits of ${least} to ${MAX_WINDOW_BITS}, received ${bits}`);
  }
}
