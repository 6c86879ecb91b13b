/**
 * Before a load runs, one connection sends each message of the cycle alone and takes the answer apart: type,
 * compression, content. The bytes of those answers are what all connections are compared with while the load runs. Where they are
 * compressed and others come, those are taken apart as well.
 */
import { ByteRing, RingWriter } from './byte-ring.mjs';
import { Connection } from './connection.mjs';
import { encodeMessage, readMessage } from './frames.mjs';

const TIMEOUT_MS = 10_000;

/** The cycle as it is sent, and as the server answers it. */
export function learnRings(poller, target, messages) {
  const wrapped = messages.map(target.dialect.wrap);
  const requests = new ByteRing(wrapped.map((parts) => encodeParts(parts, target.compress)));
  const answers = [];
  let received = Buffer.alloc(0);
  const connection = new Connection(poller, target, () => {
    connection.write(new RingWriter(connection.socket, requests, 0));
    connection.listen(take);
    connection.send(1);
  });
  function take(bytes) {
    received = Buffer.concat([received, bytes]);
    const end = readAnswer(received, wrapped[answers.length], target.compress);
    if (end === undefined) return;
    answers.push(received.subarray(0, end));
    received = received.subarray(end);
    if (answers.length < messages.length) connection.send(1);
  }
  if (!poller.run(() => answers.length === messages.length, TIMEOUT_MS)) {
    throw new Error(`Expected ${messages.length} answers, received ${answers.length}`);
  }
  connection.close();
  const readOther = (bytes, index) => readAnswer(bytes, wrapped[index], target.compress);
  return { requests, responses: new ByteRing(answers, target.compress ? readOther : undefined) };
}

function encodeParts(parts, compress) {
  return Buffer.concat(parts.map((message) => encodeMessage(message, compress)));
}

/** Where the answer ends; undefined if it is not there yet. */
function readAnswer(bytes, parts, compress) {
  let end = 0;
  for (const part of parts) {
    const answer = readMessage(bytes.subarray(end));
    if (answer === undefined) return undefined;
    checkAnswer(answer, part, compress);
    end += answer.end;
  }
  return end;
}

function checkAnswer(answer, { opcode, payload }, compress) {
  if (answer.opcode !== opcode) throw new Error(`Expected opcode ${opcode}, received ${answer.opcode}`);
  if (!answer.payload.equals(payload)) throw new Error('Expected the message back, received another one');
  if (answer.isCompressed !== compress)
    throw new Error(`Expected the answer to be ${compress ? '' : 'un'}compressed`);
}
