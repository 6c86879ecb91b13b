/**
 * Fuzzes Sec-WebSocket-Extensions (RFC 6455 §9.1) and the negotiation of permessage-deflate (RFC 7692 §7.1): texts of
 * what the grammar is made of, read as a grammar of regular expressions reads them; any offer to any server; and what a
 * client and a server of ours agree on.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseExtensionList } from '../packages/protocol/src/handshake/headers.ts';
import {
  type AcceptedOffer,
  acceptOffer,
  checkAnswer,
  type DeflateParameters,
  describeOffer,
  type ExtensionElement,
  formatExtensionList,
  HandshakeError,
} from '../packages/protocol/src/index.ts';
import { target } from './target.ts';

interface Input {
  readonly text: string;
  readonly server: DeflateParameters;
  readonly client: DeflateParameters;
}

const part = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'permessage-deflate',
      'client_max_window_bits',
      'server_max_window_bits',
      'client_no_context_takeover',
      'server_no_context_takeover',
      ...['8', '9', '10', '15', '16', '7', '09', '+9', '__proto__', 'constructor', 'foo'],
    ),
  },
  { weight: 4, arbitrary: fc.constantFrom(';', ',', '=', ' ', '\t', '"', '\\', '"9"', '"\\9"', '; ', ', ') },
  { weight: 1, arbitrary: fc.constantFrom('a', '\0', '\x7f', 'é', '/', '(') },
);

/** An offer that may well be acceptable. */
const likelyOffer = fc
  .array(
    fc.constantFrom(
      'server_no_context_takeover',
      'client_no_context_takeover',
      'client_max_window_bits',
      ...['8', '9', '12', '15', '16', '"10"'].flatMap((bits) => [
        `client_max_window_bits=${bits}`,
        `server_max_window_bits=${bits}`,
      ]),
    ),
    { maxLength: 4 },
  )
  .map((parameters) => ['permessage-deflate', ...parameters].join('; '));

function preferences(leastServer: number, leastClient: number): fc.Arbitrary<DeflateParameters> {
  return fc.record({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: fc.integer({ min: leastServer, max: 15 }),
    clientMaxWindowBits: fc.integer({ min: leastClient, max: 15 }),
  });
}

export const extensionHeader = target<Input>({
  name: 'extension-header',
  inputs: fc.record({
    text: fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.array(likelyOffer, { minLength: 1, maxLength: 3 }).map((offers) => offers.join(', ')),
    ),
    // Nobody sends with 8 bits, but may ask the other to.
    server: preferences(9, 8),
    client: preferences(8, 9),
  }),
  check: ({ text, server, client }) => {
    const list = parseExtensionList(text);
    assert.deepEqual(list, readByGrammar(text));
    if (list !== undefined) {
      assert.deepEqual(parseExtensionList(formatExtensionList(list)), list);
      checkAcceptance(list, acceptOffer(list, server), server);
      checkAnyAnswer(list, client);
    }
    checkAgreement(client, server);
  },
  show: ({ text, server, client }) =>
    `${JSON.stringify(text)}\nserver ${JSON.stringify(server)}\nclient ${JSON.stringify(client)}`,
});

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const space = '[\\t ]*';
const parameter = `${space};${space}${token}(?:${space}=${space}(?:${token}|${quoted}))?`;
const element = `${token}(?:${parameter})*`;
const list = new RegExp(`^(?:${space}(?:${element})?${space}(?:,|$))+$`);

/** RFC 6455 §9.1, as regular expressions that are tried on what is left of the text. */
function readByGrammar(text: string): ExtensionElement[] | undefined {
  if (!list.test(text)) return undefined;
  const elements = [...text.matchAll(new RegExp(element, 'g'))].map(([each]) => {
    const name = new RegExp(`^${token}`).exec(each)?.[0] ?? '';
    const parameters = [...each.slice(name.length).matchAll(new RegExp(parameter, 'g'))].map(([written]) => {
      const [before = '', ...value] = written.replace(new RegExp(`^${space};`), '').split('=');
      return { name: trim(before), value: value.length === 0 ? undefined : unquote(trim(value.join('='))) };
    });
    return { name, parameters };
  });
  const values = elements.flatMap(({ parameters }) => parameters.map(({ value = 'x' }) => value));
  const areTokens = values.every((value) => new RegExp(`^${token}$`).test(value));
  return areTokens && elements.length > 0 ? elements : undefined;
}

function trim(text: string): string {
  return text.replace(/^[\t ]+|[\t ]+$/g, '');
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

/** RFC 7692 §7.1: what a server accepts was offered, and it never promises to send with 8 bits. */
function checkAcceptance(
  offers: readonly ExtensionElement[],
  accepted: AcceptedOffer | undefined,
  server: DeflateParameters,
): void {
  if (accepted === undefined) return;
  const { parameters, answer } = accepted;
  assert.ok(
    parameters.serverMaxWindowBits >= 9 && parameters.serverMaxWindowBits <= server.serverMaxWindowBits,
  );
  assert.ok(parameters.clientMaxWindowBits >= 8 && parameters.clientMaxWindowBits <= 15);
  const named = new Set(answer.parameters.map(({ name }) => name));
  assert.equal(named.size, answer.parameters.length);
  const fitting = offers.some(
    (offer) =>
      offer.name === 'permessage-deflate' &&
      (!has(offer, 'server_no_context_takeover') || parameters.serverNoContextTakeover) &&
      (bitsOf(offer, 'server_max_window_bits') ?? 15) >= parameters.serverMaxWindowBits &&
      (has(offer, 'client_max_window_bits') || !named.has('client_max_window_bits')),
  );
  assert.ok(fitting, `accepted ${formatExtensionList([answer])}`);
}

/** Whatever a server answers, the client takes it or refuses it by the handshake's rules. */
function checkAnyAnswer(answer: readonly ExtensionElement[], client: DeflateParameters): void {
  try {
    const agreed = checkAnswer(answer, client);
    if (agreed !== undefined) assert.ok(agreed.serverMaxWindowBits <= client.serverMaxWindowBits);
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
  }
}

/** A client and a server of ours come to terms, and to the same ones. */
function checkAgreement(client: DeflateParameters, server: DeflateParameters): void {
  const accepted = acceptOffer([describeOffer(client)], server);
  if (accepted === undefined) {
    assert.equal(client.serverMaxWindowBits, 8);
    return;
  }
  const agreed = checkAnswer([accepted.answer], client);
  assert.ok(agreed);
  assert.deepEqual(agreed, {
    ...accepted.parameters,
    clientNoContextTakeover: accepted.parameters.clientNoContextTakeover || client.clientNoContextTakeover,
  });
}

function has({ parameters }: ExtensionElement, wanted: string): boolean {
  return parameters.some(({ name }) => name === wanted);
}

function bitsOf({ parameters }: ExtensionElement, wanted: string): number | undefined {
  const value = parameters.find(({ name }) => name === wanted)?.value;
  return value === undefined ? undefined : Number(value);
}
