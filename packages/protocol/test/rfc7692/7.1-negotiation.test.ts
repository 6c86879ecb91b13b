/** RFC 7692 §5.1, §7.1: what is offered, what a server answers, and which answers a client takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatExtensionList, parseExtensionList } from '../../src/handshake/headers.ts';
import {
  acceptOffer,
  checkAnswer,
  checkPreferences,
  type DeflateParameters,
  describeOffer,
  type ExtensionElement,
} from '../../src/index.ts';
import { refusal } from '../heads.ts';

const everything: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

const both = [false, true] as const;

/** Values that neither window bits can have (§7.1.2), as they stand in a header. */
const outOfRange = ['0', '7', '16', '09', '015', '+9', '"+9"', '-9', '9.0', '9e0', '0x9', '100', '"99"'];

/** What a server answers to a header; undefined if it declines. */
function answerTo(header: string, preferences: Partial<DeflateParameters> = {}): string | undefined {
  const accepted = acceptOffer(parse(header), { ...everything, ...preferences });
  return accepted && formatExtensionList([accepted.answer]);
}

/** What a client makes of an answer. */
function agreedOn(header: string, preferences: Partial<DeflateParameters> = {}) {
  return checkAnswer(parse(header), { ...everything, ...preferences });
}

function parse(header: string): ExtensionElement[] {
  const elements = parseExtensionList(header);
  assert.ok(elements, `Expected an extension list, received ${header}`);
  return elements;
}

/** The four parameters, the windows with these values. */
interface Combination<Bits> {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: Bits;
  readonly clientMaxWindowBits: Bits;
}

/** Every combination of the four parameters. */
function* combinations<Bits>(
  serverBits: readonly Bits[],
  clientBits: readonly Bits[],
): Generator<Combination<Bits>> {
  for (const serverNoContextTakeover of both)
    for (const clientNoContextTakeover of both)
      for (const serverMaxWindowBits of serverBits)
        for (const clientMaxWindowBits of clientBits)
          yield {
            serverNoContextTakeover,
            clientNoContextTakeover,
            serverMaxWindowBits,
            clientMaxWindowBits,
          };
}

/** An element as a peer may write it; undefined bits leave the parameter out, 0 leaves its value out. */
function write(parameters: Combination<number | undefined>): string {
  const bits = (name: string, value: number | undefined) =>
    value === undefined ? [] : [value === 0 ? name : `${name}=${value}`];
  return [
    'permessage-deflate',
    ...(parameters.serverNoContextTakeover ? ['server_no_context_takeover'] : []),
    ...(parameters.clientNoContextTakeover ? ['client_no_context_takeover'] : []),
    ...bits('server_max_window_bits', parameters.serverMaxWindowBits),
    ...bits('client_max_window_bits', parameters.clientMaxWindowBits),
  ].join('; ');
}

type Offer = Combination<number | undefined>;

/** The most that both allow. */
function agreement(offer: Offer, preferences: DeflateParameters): DeflateParameters {
  const mayLimitClient = offer.clientMaxWindowBits !== undefined;
  return {
    serverNoContextTakeover: offer.serverNoContextTakeover || preferences.serverNoContextTakeover,
    clientNoContextTakeover: offer.clientNoContextTakeover || preferences.clientNoContextTakeover,
    serverMaxWindowBits: Math.min(offer.serverMaxWindowBits ?? 15, preferences.serverMaxWindowBits),
    clientMaxWindowBits: mayLimitClient
      ? Math.min(offer.clientMaxWindowBits || 15, preferences.clientMaxWindowBits)
      : 15,
  };
}

/** What of an agreement an answer has to name. */
function mustName(offer: Offer, agreed: DeflateParameters): Offer {
  const { serverMaxWindowBits, clientMaxWindowBits } = agreed;
  const limitsServer = serverMaxWindowBits < 15 || offer.serverMaxWindowBits !== undefined;
  return {
    ...agreed,
    serverMaxWindowBits: limitsServer ? serverMaxWindowBits : undefined,
    clientMaxWindowBits: clientMaxWindowBits < 15 ? clientMaxWindowBits : undefined,
  };
}

describe('§7.1 the server’s answer', () => {
  it('follows the rules for every combination of parameters, whatever the server prefers', () => {
    for (const offer of combinations([undefined, 8, 9, 12, 15], [undefined, 0, 8, 9, 12, 15])) {
      for (const preferences of combinations([9, 12, 15], [8, 12, 15])) {
        const accepted = acceptOffer(parse(write(offer)), preferences);
        // zlib cannot compress with a window of 8 bits, so a server never promises to.
        if (offer.serverMaxWindowBits === 8) {
          assert.equal(accepted, undefined);
          continue;
        }
        assert.ok(accepted);
        assert.deepEqual(accepted.parameters, agreement(offer, preferences));
        const named = mustName(offer, accepted.parameters);
        assert.equal(formatExtensionList([accepted.answer]), write(named));
      }
    }
  });

  it('§7.1.2.1 names a limit of the server’s window that was offered, even 15', () => {
    assert.equal(
      answerTo('permessage-deflate; server_max_window_bits=15'),
      'permessage-deflate; server_max_window_bits=15',
    );
    assert.equal(answerTo('permessage-deflate'), 'permessage-deflate');
  });

  it('§7.1.2.2 limits no client that did not say it can be', () => {
    const preferences = { clientMaxWindowBits: 10 };
    assert.equal(answerTo('permessage-deflate', preferences), 'permessage-deflate');
    assert.equal(
      answerTo('permessage-deflate; client_max_window_bits', preferences),
      'permessage-deflate; client_max_window_bits=10',
    );
  });

  it('takes the first offer that it can, in the client’s order', () => {
    const limited = 'permessage-deflate; server_max_window_bits=10';
    assert.equal(answerTo(`${limited}, permessage-deflate`), limited);
    assert.equal(answerTo(`permessage-deflate, ${limited}`), 'permessage-deflate');
    const unusable = 'permessage-deflate; server_max_window_bits=8';
    assert.equal(answerTo(`${unusable}, permessage-deflate; foo, ${limited}, permessage-deflate`), limited);
    assert.equal(answerTo(`x-webkit-deflate-frame, foo; bar=2, ${limited}`), limited);
  });

  it('declines when nothing fits', () => {
    assert.equal(answerTo('foo, x-webkit-deflate-frame, deflate, perMessage-Deflate'), undefined);
    assert.equal(acceptOffer([], everything), undefined);
  });

  it('takes a quoted value like any other', () => {
    assert.equal(
      answerTo('permessage-deflate; server_max_window_bits="10"; client_max_window_bits="\\1\\1"'),
      'permessage-deflate; server_max_window_bits=10; client_max_window_bits=11',
    );
  });

  for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
    it(`declines an offer whose ${name} is out of range`, () => {
      for (const value of outOfRange)
        assert.equal(answerTo(`permessage-deflate; ${name}=${value}`), undefined, value);
    });
  }

  it('is not asked for what the header’s own grammar forbids (RFC 6455 §9.1)', () => {
    for (const value of ['""', '"9 "', '" 9"', '', '"9', '9 9'])
      assert.equal(parseExtensionList(`permessage-deflate; server_max_window_bits=${value}`), undefined);
  });

  for (const [why, parameters] of [
    ['lacks a value that it needs', 'server_max_window_bits'],
    ['has a value where there is none', 'server_no_context_takeover=1'],
    ['has a value where there is none', 'client_no_context_takeover="true"'],
    ['has an unknown parameter', 'foo'],
    ['has an unknown parameter', 'client_max_window_bits; server_max_window_bit=10'],
    ['has a parameter in other letters', 'Server_No_Context_Takeover'],
    ['has a parameter twice', 'server_no_context_takeover; server_no_context_takeover'],
    ['has a parameter twice', 'client_no_context_takeover; client_no_context_takeover'],
    ['has a parameter twice', 'server_max_window_bits=10; server_max_window_bits=10'],
    ['has a parameter twice', 'client_max_window_bits; client_max_window_bits=10'],
    ['has a name that every object has', '__proto__'],
    ['has a name that every object has', 'constructor=8'],
  ] as const) {
    it(`declines an offer that ${why}: ${parameters}`, () => {
      assert.equal(answerTo(`permessage-deflate; ${parameters}`), undefined);
      assert.equal(answerTo(`permessage-deflate; ${parameters}, permessage-deflate`), 'permessage-deflate');
    });
  }
});

describe('§7.1 a server that leaves the client’s window alone', () => {
  it('limits it no more than the client does by itself', () => {
    const preferences = { ...everything, negotiatesClientWindow: false };
    for (const offer of ['client_max_window_bits', 'client_max_window_bits=10']) {
      const accepted = acceptOffer(parse(`permessage-deflate; ${offer}`), preferences);
      assert.equal(accepted && formatExtensionList([accepted.answer]), 'permessage-deflate');
      assert.equal(accepted?.parameters.clientMaxWindowBits, 15);
    }
  });
});

describe('§7.1 the client’s offer', () => {
  it('names what it wants, and that its window can be limited', () => {
    for (const preferences of combinations([8, 12, 15], [9, 12, 15])) {
      const { serverMaxWindowBits, clientMaxWindowBits } = preferences;
      const named = {
        ...preferences,
        serverMaxWindowBits: serverMaxWindowBits < 15 ? serverMaxWindowBits : undefined,
        clientMaxWindowBits: clientMaxWindowBits < 15 ? clientMaxWindowBits : 0,
      };
      assert.equal(formatExtensionList([describeOffer(preferences)]), write(named));
    }
  });

  it('§7.1.2.2 says nothing of its window if that is not to be limited, and then refuses an answer that does', () => {
    const preferences = { ...everything, negotiatesClientWindow: false };
    assert.equal(formatExtensionList([describeOffer(preferences)]), 'permessage-deflate');
    assert.deepEqual(checkAnswer(parse('permessage-deflate'), preferences), everything);
    const answer = parse('permessage-deflate; client_max_window_bits=15');
    assert.equal(refusal(() => checkAnswer(answer, preferences)).code, 'invalid-extension-answer');
  });

  it('comes to the same agreement on both sides, whatever both prefer', () => {
    for (const client of combinations([9, 12, 15], [9, 12, 15])) {
      for (const server of combinations([9, 12, 15], [8, 12, 15])) {
        const accepted = acceptOffer(parse(formatExtensionList([describeOffer(client)])), server);
        assert.ok(accepted);
        const answer = parse(formatExtensionList([accepted.answer]));
        assert.deepEqual(checkAnswer(answer, client), accepted.parameters);
      }
    }
  });
});

describe('§7.1 the client’s check of the answer', () => {
  it('takes no answer for a refusal', () => {
    assert.equal(checkAnswer([], everything), undefined);
  });

  it('follows the rules for every combination of parameters, whatever was offered', () => {
    for (const offered of combinations([8, 12, 15], [9, 12, 15])) {
      for (const answer of combinations([undefined, 8, 9, 12, 15], [undefined, 8, 9, 12, 15])) {
        if (!fits(answer, offered)) {
          assertRefused(write(answer), offered);
          continue;
        }
        assert.deepEqual(checkAnswer(parse(write(answer)), offered), {
          serverNoContextTakeover: answer.serverNoContextTakeover,
          clientNoContextTakeover: answer.clientNoContextTakeover || offered.clientNoContextTakeover,
          serverMaxWindowBits: answer.serverMaxWindowBits ?? 15,
          clientMaxWindowBits: answer.clientMaxWindowBits ?? offered.clientMaxWindowBits,
        });
      }
    }
  });

  it('§7.1.2.2 keeps to the window that it offered when the answer does not name it', () => {
    assert.equal(agreedOn('permessage-deflate', { clientMaxWindowBits: 10 })?.clientMaxWindowBits, 10);
  });

  for (const answer of [
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; client_no_context_takeover="true"',
    'permessage-deflate; foo',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; client_max_window_bits=10; client_max_window_bits=10',
    'permessage-deflate, permessage-deflate',
    'permessage-deflate; server_max_window_bits=10, permessage-deflate',
    ...outOfRange.flatMap((value) => [
      `permessage-deflate; server_max_window_bits=${value}`,
      `permessage-deflate; client_max_window_bits=${value}`,
    ]),
  ]) {
    it(`refuses ${answer}`, () => assertRefused(answer, everything));
  }

  /** Whether an answer keeps to what was offered. */
  function fits(answer: Offer, offered: DeflateParameters): boolean {
    return (
      (answer.serverNoContextTakeover || !offered.serverNoContextTakeover) &&
      (answer.serverMaxWindowBits ?? 15) <= offered.serverMaxWindowBits &&
      (answer.clientMaxWindowBits ?? 0) <= offered.clientMaxWindowBits
    );
  }

  function assertRefused(answer: string, offered: DeflateParameters): void {
    assert.equal(refusal(() => checkAnswer(parse(answer), offered)).code, 'invalid-extension-answer');
  }
});

describe('§7.1.2 windows that can be asked for', () => {
  it('are 8 to 15, but 9 at least to send with', () => {
    for (const bits of [9, 10, 15]) {
      checkPreferences({ ...everything, serverMaxWindowBits: bits, clientMaxWindowBits: bits }, 'server');
      checkPreferences({ ...everything, serverMaxWindowBits: bits, clientMaxWindowBits: bits }, 'client');
    }
    checkPreferences({ ...everything, clientMaxWindowBits: 8 }, 'server');
    checkPreferences({ ...everything, serverMaxWindowBits: 8 }, 'client');
    assert.throws(() => checkPreferences({ ...everything, serverMaxWindowBits: 8 }, 'server'), RangeError);
    assert.throws(() => checkPreferences({ ...everything, clientMaxWindowBits: 8 }, 'client'), RangeError);
    for (const bits of [0, 7, 16, 9.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const side of ['serverMaxWindowBits', 'clientMaxWindowBits'] as const)
        assert.throws(() => checkPreferences({ ...everything, [side]: bits }, 'server'), RangeError);
    }
  });
});
