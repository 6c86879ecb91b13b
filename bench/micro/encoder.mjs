/** Messages to bytes: a turn's worth of them, and one message for many connections. */
import { Connection, PreparedMessage } from '../../packages/protocol/dist/index.js';

const MESSAGES = 100;

const bytes = new Uint8Array(64);
const text = 'x'.repeat(64);

export const group = {
  name: `encoder, ${MESSAGES} messages of 64 B`,
  cases: [
    sending('binary', (connection) => connection.sendBytes(bytes)),
    sending('text', (connection) => connection.sendText(text)),
    sending('prepared', (connection, prepared) => connection.sendPrepared(prepared)),
    { name: 'to prepare one', run: () => new PreparedMessage(bytes) },
  ],
};

function sending(name, send) {
  const connection = new Connection({ role: 'server' });
  const prepared = new PreparedMessage(bytes);
  return {
    name,
    run() {
      for (let i = 0; i < MESSAGES; i++) send(connection, prepared);
      return connection.takeOutput();
    },
  };
}
