/**
 * One load on one server, run by Bun in a process of its own: takes the work as JSON, prints what came of it as JSON,
 * and ends with 1 if a single byte, message or count was wrong.
 */
import process from 'node:process';
import { createDialect } from './dialects.mjs';
import { runEcho } from './echo.mjs';
import { runFanOut } from './fan-out.mjs';
import { runHandshakes } from './handshakes.mjs';
import { runHolding } from './holding.mjs';
import { runHubFanOut } from './hub-fan-out.mjs';
import { createMessages } from './messages.mjs';
import { Poller } from './poller.mjs';
import { runSink } from './sink.mjs';
import { runSource } from './source.mjs';

const loads = {
  echo: runEcho,
  fan: runFanOut,
  handshakes: runHandshakes,
  holding: runHolding,
  source: runSource,
  sink: runSink,
};

const work = JSON.parse(process.argv[2]);
const { port, compress, dialect = 'websocket' } = work;
const target = { port, compress, dialect: createDialect({ ...work, name: dialect }) };
const run = dialect === 'hawser.v1' && work.load === 'fan' ? runHubFanOut : loads[work.load];

try {
  const messages = createMessages(work.content, work.size);
  const result = run(new Poller(), target, messages, work);
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
