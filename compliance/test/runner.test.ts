/** The runner catches what a peer does wrong: a server with one flaw, and one case that has to see it. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { type CaseDraft, family, type Verdict } from '../case.ts';
import { answers, binary, close, closes, fails, ping, steps, text } from '../cases/frames.ts';
import { type CaseResult, runCases } from '../runner.ts';
import { ServerSubject } from '../subject.ts';
import { Opcode } from '../wire/frame.ts';
import { createFlawedServer, type Flaw } from './flawed-server.ts';

/** A flawed server may never answer; the runner then goes by this. */
const deadlineMs = 800;
const holds = ['receive-frames'] as const;
const echo = answers({ title: 'echoes', holds, items: [text('Hello')] }, ['Hello']);
const pong = answers({ title: 'answers a Ping', holds, items: [ping('Hello')] }, [], ['Hello']);
const unmasked = fails({ title: 'fails', holds, items: [text('Hello', { masked: false })] }, 1002);
const longLength = fails({ title: 'fails', holds, items: [text('Hello', { lengthForm: 16 })] }, 1002);
const closing = closes({ title: 'closes', holds, items: [close(3000)] }, [3000]);

const flaws: readonly {
  readonly name: string;
  readonly flaw: Flaw;
  readonly draft: CaseDraft;
  readonly verdict: Verdict;
  readonly note: RegExp;
}[] = [
  {
    name: 'echoes other bytes',
    flaw: { answer: ({ opcode }) => (opcode === Opcode.Text ? [text('Hallo')] : undefined) },
    draft: echo,
    verdict: 'fail',
    note: /other bytes/,
  },
  {
    name: 'echoes text as binary',
    flaw: { answer: ({ opcode, payload }) => (opcode === Opcode.Text ? [binary(payload)] : undefined) },
    draft: echo,
    verdict: 'fail',
    note: /as binary/,
  },
  {
    name: 'echoes twice',
    flaw: {
      answer: ({ opcode, payload }) => (opcode === Opcode.Text ? [text(payload), text(payload)] : undefined),
    },
    draft: echo,
    verdict: 'fail',
    note: /sent 2 messages/,
  },
  {
    name: 'masks its frames',
    flaw: {
      answer: ({ opcode }) => (opcode === Opcode.Text ? [text('Hello', { masked: true })] : undefined),
    },
    draft: echo,
    verdict: 'fail',
    note: /masked frame/,
  },
  {
    name: 'sets reserved bits',
    flaw: { answer: ({ opcode }) => (opcode === Opcode.Text ? [text('Hello', { reserved: 4 })] : undefined) },
    draft: echo,
    verdict: 'fail',
    note: /reserved bits/,
  },
  {
    name: 'writes lengths longer than needed',
    flaw: {
      answer: ({ opcode }) => (opcode === Opcode.Text ? [text('Hello', { lengthForm: 64 })] : undefined),
    },
    draft: echo,
    verdict: 'fail',
    note: /longer than needed/,
  },
  {
    name: 'sends text that is no UTF-8',
    flaw: { answer: ({ opcode }) => (opcode === Opcode.Text ? [text(Buffer.of(0xff))] : undefined) },
    draft: echo,
    verdict: 'fail',
    note: /not UTF-8/,
  },
  {
    name: 'answers Pings with another payload',
    flaw: {
      answer: ({ opcode }) => (opcode === Opcode.Ping ? [{ opcode: Opcode.Pong, payload: '?' }] : undefined),
    },
    draft: pong,
    verdict: 'fail',
    note: /answers no Ping/,
  },
  {
    name: 'takes unmasked frames',
    flaw: { takesAnything: true },
    draft: unmasked,
    verdict: 'fail',
    note: /did not fail/,
  },
  {
    name: 'takes a length that is not minimal',
    flaw: { takesAnything: true },
    draft: longLength,
    verdict: 'fail',
    note: /did not fail/,
  },
  {
    name: 'fails with another code',
    flaw: { answer: () => [close(1000)] },
    draft: unmasked,
    verdict: 'non-strict',
    note: /closed with 1000, expected 1002/,
  },
  {
    name: 'answers a close code with another',
    flaw: { answer: () => [close(1001)] },
    draft: closing,
    verdict: 'non-strict',
    note: /answered the Close frame with 1001/,
  },
  {
    name: 'sends a close code that nobody may send',
    flaw: { answer: () => [close(1005)] },
    draft: closing,
    verdict: 'fail',
    note: /close code 1005/,
  },
  {
    name: 'sends data behind its Close frame',
    flaw: { answer: () => [close(3000), text('more')] },
    draft: closing,
    verdict: 'fail',
    note: /behind its Close frame/,
  },
  {
    name: 'leaves TCP open',
    flaw: { lingers: true },
    draft: closing,
    verdict: 'fail',
    note: /left the TCP connection open/,
  },
  {
    name: 'answers another accept value',
    flaw: { response: (head) => head.replace(/Accept: ./, 'Accept: ?') },
    draft: echo,
    verdict: 'fail',
    note: /Sec-WebSocket-Accept/,
  },
  {
    name: 'answers a subprotocol that was not offered',
    flaw: { response: (head) => head.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: chat\r\n\r\n') },
    draft: echo,
    verdict: 'fail',
    note: /not offered/,
  },
  {
    name: 'answers an extension that was not offered',
    flaw: {
      response: (head) =>
        head.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'),
    },
    draft: echo,
    verdict: 'fail',
    note: /had to be declined/,
  },
  {
    name: 'answers another status',
    flaw: { response: (head) => head.replace('101', '200') },
    draft: echo,
    verdict: 'fail',
    note: /expected status 101/,
  },
];

describe('the runner', () => {
  for (const { name, flaw, draft, verdict, note } of flaws) {
    it(`catches a server that ${name}`, async () => {
      const result = await runAgainst(flaw, draft);
      assert.equal(result.verdict, verdict, result.notes.join('; '));
      assert.match(result.notes.join('; '), note);
    });
  }

  it('passes a server without a flaw', async () => {
    for (const draft of [echo, pong, unmasked, longLength, closing]) {
      assert.deepEqual((await runAgainst({}, draft)).notes, []);
    }
  });

  it('catches a server that fails the connection late', async () => {
    const draft = steps(
      { title: 'fails early', holds },
      [
        { type: 'send', items: [text('Hello', { fin: false, reserved: 1 })] },
        { type: 'expect failure' },
        { type: 'send', items: [text('Hello', { masked: false })] },
      ],
      { type: 'fails', codes: [1002] },
    );
    const patient: Flaw = { answer: ({ fin }) => (fin ? undefined : []) };
    const result = await runAgainst(patient, draft);
    assert.equal(result.verdict, 'non-strict');
    assert.match(result.notes.join('; '), /waited for more/);
  });

  it('tells that nobody listens', async () => {
    const subject = new ServerSubject('nobody', 'ws://127.0.0.1:1/');
    const { results } = await runCases(family(1, 'test', [echo]).cases, subject);
    assert.equal(results.get('1.1')?.verdict, 'fail');
  });
});

async function runAgainst(flaw: Flaw, draft: CaseDraft): Promise<CaseResult> {
  const server = createFlawedServer(flaw);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const subject = new ServerSubject('flawed', `ws://127.0.0.1:${address.port}/`);
  const { results } = await runCases(family(1, 'test', [draft]).cases, subject, { deadlineMs });
  server.close();
  const result = results.get('1.1');
  assert.ok(result);
  return result;
}
