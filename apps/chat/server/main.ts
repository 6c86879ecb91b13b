/** `npm start`: serves the chat where the environment says, prints where that is, and leaves politely when it is told to. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ChatServer } from './chat-server.ts';
import { readSettings, type Settings } from './settings.ts';
import { explainStartupError } from './startup-error.ts';

await main();

async function main(): Promise<void> {
  try {
    const settings = readSettings(process.env);
    const server = new ChatServer({ root: findRoot(import.meta.dirname) });
    closeOnSignal(server);
    const port = await server.listen(settings);
    printUrl(settings, port);
  } catch (error) {
    console.error(explainStartupError(error, process.env));
    process.exit(1);
  }
}

function printUrl({ shownHost, hosts }: Settings, port: number): void {
  console.log(`The chat is at http://${shownHost}:${port}`);
  if (hosts.length > 1) console.log('Only this machine can open it. For others too: HOST=0.0.0.0 npm start');
}

/** The second signal does not wait for anybody. */
function closeOnSignal(server: ChatServer): void {
  let closing = false;
  const close = (): void => {
    if (closing) process.exit(1);
    closing = true;
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

/** The chat's folder, which this file is one or two levels below: it runs as it is and compiled. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('Expected package.json above the server, received none');
  return findRoot(parent);
}
