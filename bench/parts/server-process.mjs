/**
 * A server in a process of its own, so that its memory is its own too. Its other half is `serve.mjs`, in that process.
 * Above: the benchmarks of memory.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a server.
 *
 * @param file The module beside this one that serves.
 * @param options What it is told; JSON.
 * @returns Its port; `memory`, which asks for its memory after a garbage collection, in bytes; and `stop`.
 */
export async function startServer(file, options = {}) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
  const kill = () => child.kill();
  process.once('exit', kill);
  const ask = async (question) => {
    child.send(question);
    return answerOf(child);
  };
  const { port } = await answerOf(child);
  const stop = async () => {
    process.off('exit', kill);
    child.kill();
    await once(child, 'exit');
  };
  return { port, memory: () => ask('memory'), stop };
}

async function answerOf(child) {
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`Expected an answer of the server, received its end with ${code}`);
  });
  const [answer] = await Promise.race([once(child, 'message'), died]);
  return answer;
}
