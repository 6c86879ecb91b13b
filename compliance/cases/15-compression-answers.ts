/** Family 15: a client takes or refuses a server's answer to its offer of permessage-deflate (RFC 7692 §7.1). */

import { type AnswerTrial, type CaseDraft, family } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import { answerFault, type DeflateParameters, formatDeflate } from '../wire/extension-list.ts';
import { parameterCombinations } from './parameter-combinations.ts';

const taken = ['extensions-negotiated', 'offer-in-request', 'client-no-takeover-supported'] as const;
const refused = ['invalid-answer-fails', 'unsupported-answer-fails'] as const;

function of(
  title: string,
  expected: AnswerTrial['expected'],
  answer: AnswerTrial['answer'],
  holds: readonly RequirementId[],
): CaseDraft {
  return { title, holds, role: 'client', trial: { type: 'answer', answer, expected } };
}

/** An answer that is valid for offers that have a place for it; `answerFault` knows which. */
function takes(parameters: DeflateParameters): CaseDraft {
  const rules: RequirementId[] = [...taken];
  if (parameters.client_no_context_takeover) rules.push('client-no-takeover-obeyed');
  if (parameters.client_max_window_bits !== undefined) rules.push('client-window-obeyed');
  const answer = formatDeflate(parameters);
  return of(
    `takes ${answer} and keeps to it`,
    'opens',
    (offer) => (answerFault(offer, parameters) === undefined ? answer : undefined),
    rules,
  );
}

function refuses(what: string, answer: string, holds: readonly RequirementId[] = refused): CaseDraft {
  return of(`hangs up on ${what}`, 'hangs up', () => answer, holds);
}

const badBits = ['=0', '=7', '=16', '=100', '=08', '=+9', '=-9', '=9.5', '=0x9', '=nine', '="16"'];

const badAnswers: readonly (readonly [what: string, parameters: string])[] = [
  ['a parameter that it does not know', 'x-unknown'],
  ['a parameter that it does not know, with a value', 'x-unknown=1'],
  ['a parameter named like a property of every object', 'constructor'],
  ['a parameter in upper case', 'SERVER_NO_CONTEXT_TAKEOVER'],
  ['server_no_context_takeover with a value', 'server_no_context_takeover=1'],
  ['client_no_context_takeover with a value', 'client_no_context_takeover=true'],
  ['server_no_context_takeover twice', 'server_no_context_takeover; server_no_context_takeover'],
  ['client_no_context_takeover twice', 'client_no_context_takeover; client_no_context_takeover'],
  ['server_max_window_bits twice', 'server_max_window_bits=10; server_max_window_bits=10'],
  ['server_max_window_bits without a value', 'server_max_window_bits'],
  ['client_max_window_bits without a value', 'client_max_window_bits'],
  ['client_max_window_bits twice', 'client_max_window_bits=12; client_max_window_bits=12'],
];

export const compressionAnswers = family(15, 'Compression: answers to a client', [
  ...parameterCombinations([undefined, 9, 12, 15], [undefined, 9, 12, 15]).map(takes),
  ...[8, 10, 11, 13, 14].flatMap((bits) => [
    takes({ server_max_window_bits: bits }),
    takes({ client_max_window_bits: bits }),
  ]),
  of(
    'takes a quoted value',
    'opens',
    (offer) =>
      answerFault(offer, { server_max_window_bits: 10 }) === undefined
        ? 'permessage-deflate; server_max_window_bits="10"'
        : undefined,
    taken,
  ),
  of(
    'takes an answer without white space',
    'opens',
    (offer) =>
      answerFault(offer, {}) === undefined
        ? 'permessage-deflate;server_no_context_takeover;client_no_context_takeover'
        : undefined,
    taken,
  ),
  ...badAnswers.map(([what, parameters]) => refuses(what, `permessage-deflate; ${parameters}`)),
  ...badBits.flatMap((value) => [
    refuses(`server_max_window_bits${value}`, `permessage-deflate; server_max_window_bits${value}`, [
      ...refused,
      'window-bits-form',
    ]),
    refuses(`client_max_window_bits${value}`, `permessage-deflate; client_max_window_bits${value}`, [
      ...refused,
      'window-bits-form',
    ]),
  ]),
  refuses('permessage-deflate twice', 'permessage-deflate, permessage-deflate', ['one-use-of-rsv1']),
  refuses('permessage-deflate and an extension that was not offered', 'permessage-deflate, x-unknown', [
    'response-extensions',
  ]),
  refuses('another compression than the one that it has offered', 'permessage-bzip2', [
    'response-extensions',
    'unoffered-compression-fails',
  ]),
  refuses('an answer with a semicolon and nothing behind it', 'permessage-deflate;', [
    'malformed-extensions-fail',
  ]),
  refuses('an answer with an equals sign and no value', 'permessage-deflate; server_max_window_bits=', [
    'malformed-extensions-fail',
  ]),
  of(
    'hangs up on client_max_window_bits if it has not offered it',
    'hangs up',
    (offer) =>
      offer.client_max_window_bits === undefined
        ? 'permessage-deflate; client_max_window_bits=12'
        : undefined,
    ['client-window-unoffered', 'client-window-answered'],
  ),
  of(
    'hangs up on a larger window than it has offered',
    'hangs up',
    (offer) => {
      const { server_max_window_bits: bits } = offer;
      return bits === undefined || bits === 15
        ? undefined
        : `permessage-deflate; server_max_window_bits=${bits + 1}`;
    },
    [...refused, 'server-window-answered'],
  ),
  of(
    'hangs up on an answer that leaves out server_no_context_takeover, which it has offered',
    'hangs up',
    (offer) => (offer.server_no_context_takeover ? 'permessage-deflate' : undefined),
    [...refused, 'server-no-takeover-confirmed'],
  ),
]);
