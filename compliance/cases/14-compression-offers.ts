/** Family 14: a server answers offers of permessage-deflate (RFC 7692 §5, §7.1). */

import { type CaseDraft, family } from '../case.ts';
import type { RequirementId } from '../requirements/requirements.ts';
import { type DeflateParameters, formatDeflate } from '../wire/extension-list.ts';
import { parameterCombinations } from './parameter-combinations.ts';

const agreed = [
  'extensions-from-request',
  'extensions-negotiated',
  'accepted-offer-in-response',
  'parameters-by-their-specification',
] as const;
const declined = ['invalid-offer-declined', 'unacceptable-offer-declined'] as const;

function mayAccept(
  title: string,
  offer: readonly string[],
  offers: readonly DeflateParameters[],
  holds: readonly RequirementId[] = agreed,
): CaseDraft {
  return {
    title,
    holds,
    role: 'server',
    trial: { type: 'offer', offer, expected: { type: 'may accept', offers } },
  };
}

/** An invalid element stands before a valid one. */
function passesOver(what: string, invalid: string): CaseDraft {
  const offer = [`${invalid}, ${second}`];
  return {
    title: `passes over ${what}`,
    holds: declined,
    role: 'server',
    trial: {
      type: 'offer',
      offer,
      expected: { type: 'may accept', offers: [secondParameters], mayRefuse: true },
    },
  };
}

function accepts(parameters: DeflateParameters): CaseDraft {
  const rules: RequirementId[] = [...agreed];
  if (parameters.server_no_context_takeover)
    rules.push('server-no-takeover-confirmed', 'server-no-takeover-supported', 'server-no-takeover-obeyed');
  if (parameters.server_max_window_bits !== undefined)
    rules.push('server-window-answered', 'server-window-obeyed');
  rules.push(
    parameters.client_max_window_bits === undefined ? 'client-window-unoffered' : 'client-window-answered',
  );
  return mayAccept(
    `accepts ${formatDeflate(parameters)} and keeps to it, or declines`,
    [formatDeflate(parameters)],
    [parameters],
    rules,
  );
}

function declines(what: string, parameters: string): CaseDraft {
  return {
    title: `declines ${what}`,
    holds: [...declined, 'window-bits-form'],
    role: 'server',
    trial: { type: 'offer', offer: [`permessage-deflate; ${parameters}`], expected: { type: 'declines' } },
  };
}

function refuses(what: string, offer: string): CaseDraft {
  return {
    title: `refuses ${what}`,
    holds: ['malformed-extensions-fail'],
    role: 'server',
    trial: { type: 'offer', offer: [offer], expected: { type: 'refuses' } },
  };
}

const otherBits = [8, 10, 11, 13, 14];

const badBits: readonly (readonly [what: string, value: string])[] = [
  ['no value', ''],
  ['0', '=0'],
  ['1', '=1'],
  ['7', '=7'],
  ['16', '=16'],
  ['99', '=99'],
  ['1000000000000', '=1000000000000'],
  ['08, with a leading zero', '=08'],
  ['015, with a leading zero', '=015'],
  ['+9', '=+9'],
  ['-9', '=-9'],
  ['9.0', '=9.0'],
  ['0x9', '=0x9'],
  ['1e1', '=1e1'],
  ['a word', '=nine'],
  ['a quoted word', '="nine"'],
  ['a quoted 16', '="16"'],
];

const badParameters: readonly (readonly [what: string, parameters: string])[] = [
  ['a parameter that it does not know', 'x-unknown'],
  ['a parameter that it does not know, with a value', 'x-unknown=1'],
  ['a parameter in upper case', 'SERVER_NO_CONTEXT_TAKEOVER'],
  ['a parameter named like a property of every object', '__proto__'],
  ['server_no_context_takeover with a value', 'server_no_context_takeover=1'],
  ['server_no_context_takeover with the value true', 'server_no_context_takeover=true'],
  ['client_no_context_takeover with a value', 'client_no_context_takeover=1'],
  ['client_no_context_takeover with a quoted value', 'client_no_context_takeover="yes"'],
  ['server_no_context_takeover twice', 'server_no_context_takeover; server_no_context_takeover'],
  ['client_no_context_takeover twice', 'client_no_context_takeover; client_no_context_takeover'],
  [
    'server_max_window_bits twice, with the same value',
    'server_max_window_bits=10; server_max_window_bits=10',
  ],
  ['server_max_window_bits twice, with two values', 'server_max_window_bits=10; server_max_window_bits=12'],
  ['client_max_window_bits twice, once without a value', 'client_max_window_bits; client_max_window_bits=12'],
  ['client_max_window_bits twice', 'client_max_window_bits=12; client_max_window_bits=12'],
];

const first = 'permessage-deflate; server_no_context_takeover; client_max_window_bits=10';
const firstParameters: DeflateParameters = { server_no_context_takeover: true, client_max_window_bits: 10 };
const second = 'permessage-deflate; client_no_context_takeover';
const secondParameters: DeflateParameters = { client_no_context_takeover: true };

const severalOffers: readonly CaseDraft[] = [
  mayAccept(
    'accepts one of two offers in one header',
    [`${first}, ${second}`],
    [firstParameters, secondParameters],
  ),
  mayAccept('accepts one of two offers in two headers', [first, second], [firstParameters, secondParameters]),
  mayAccept(
    'accepts one of three offers',
    [`${second}, permessage-deflate; server_max_window_bits=9, ${first}`],
    [secondParameters, { server_max_window_bits: 9 }, firstParameters],
  ),
  mayAccept(
    'passes over an extension that it does not know',
    [`x-unknown; a=b, ${second}`],
    [secondParameters],
    [...agreed, 'one-use-of-rsv1'],
  ),
  mayAccept(
    'passes over an unknown extension in a header of its own',
    ['x-unknown', second],
    [secondParameters],
  ),
  passesOver('an offer with an unknown parameter', 'permessage-deflate; x-unknown'),
  passesOver('an offer with window bits out of range', 'permessage-deflate; server_max_window_bits=16'),
  passesOver(
    'an offer with a parameter twice',
    'permessage-deflate; client_max_window_bits; client_max_window_bits',
  ),
  passesOver('an offer with a value where none belongs', 'permessage-deflate; server_no_context_takeover=1'),
  mayAccept(
    'falls back from a window of 8 bits that it may not be able to keep',
    [`permessage-deflate; server_max_window_bits=8, ${second}`],
    [{ server_max_window_bits: 8 }, secondParameters],
  ),
  passesOver(
    'ten invalid offers',
    Array.from({ length: 10 }, (_, i) => `permessage-deflate; x${i}`).join(', '),
  ),
  mayAccept(
    'does not mix the parameters of two offers',
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits=11'],
    [{ server_max_window_bits: 10 }, { client_max_window_bits: 11 }],
  ),
  mayAccept(
    'does not use the same extension twice',
    ['permessage-deflate, permessage-deflate'],
    [{}],
    [...agreed, 'one-use-of-rsv1'],
  ),
];

const spellings: readonly (readonly [what: string, offer: string, parameters: DeflateParameters])[] = [
  ['a quoted value', 'permessage-deflate; server_max_window_bits="10"', { server_max_window_bits: 10 }],
  [
    'a quoted value for the client’s window',
    'permessage-deflate; client_max_window_bits="12"',
    { client_max_window_bits: 12 },
  ],
  [
    'a quoted value with an escaped digit',
    'permessage-deflate; server_max_window_bits="1\\0"',
    { server_max_window_bits: 10 },
  ],
  [
    'no white space',
    'permessage-deflate;server_no_context_takeover;client_max_window_bits',
    { server_no_context_takeover: true, client_max_window_bits: true },
  ],
  [
    'white space around everything',
    ' permessage-deflate ;\tserver_max_window_bits = 11 ; client_no_context_takeover ',
    { server_max_window_bits: 11, client_no_context_takeover: true },
  ],
  ['empty list elements around it', ',, permessage-deflate , ,', {}],
  [
    'the parameters in another order',
    'permessage-deflate; client_max_window_bits=10; server_max_window_bits=11; client_no_context_takeover; server_no_context_takeover',
    {
      client_max_window_bits: 10,
      server_max_window_bits: 11,
      client_no_context_takeover: true,
      server_no_context_takeover: true,
    },
  ],
];

export const compressionOffers = family(14, 'Compression: offers to a server', [
  ...parameterCombinations([undefined, 9, 12, 15], [undefined, true, 9, 12, 15]).map(accepts),
  ...otherBits.map((bits) => accepts({ server_max_window_bits: bits })),
  ...otherBits.map((bits) => accepts({ client_max_window_bits: bits })),
  ...otherBits.map((bits) =>
    accepts({ server_max_window_bits: bits, server_no_context_takeover: true, client_max_window_bits: true }),
  ),
  ...severalOffers,
  ...spellings.map(([what, offer, parameters]) =>
    mayAccept(`accepts an offer with ${what}, or declines`, [offer], [parameters]),
  ),
  ...badParameters.map(([what, parameters]) => declines(what, parameters)),
  ...badBits.map(([what, value]) =>
    declines(`server_max_window_bits with ${what}`, `server_max_window_bits${value}`),
  ),
  ...badBits
    .filter(([, value]) => value !== '')
    .map(([what, value]) =>
      declines(`client_max_window_bits with ${what}`, `client_max_window_bits${value}`),
    ),
  refuses('an offer with a semicolon and nothing behind it', 'permessage-deflate;'),
  refuses('an offer with an equals sign and no value', 'permessage-deflate; server_max_window_bits='),
  refuses('an offer with an unfinished quoted value', 'permessage-deflate; server_max_window_bits="10'),
  refuses('an offer with an empty quoted value', 'permessage-deflate; server_max_window_bits=""'),
  refuses(
    'an offer with a quoted value that is no token',
    'permessage-deflate; server_max_window_bits="1 0"',
  ),
  refuses('an offer with a comma in place of a semicolon', 'permessage-deflate, server_max_window_bits=10'),
]);
