/** Our own server and client, started as processes of their own, so that the runner tests them like any other. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ClientSubject, ServerSubject, type Subject } from '../subject.ts';

const flags = ['--conditions=hawser-source', `--import=${import.meta.resolve('tsx')}`];

/** Our server, ended with the subject. */
export async function startOwnServer(): Promise<Subject> {
  const child = spawn(process.execPath, [...flags, pathOf('echo-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface(child.stdout), 'line');
  const server = new ServerSubject('hawser', String(url));
  return {
    name: server.name,
    role: server.role,
    concurrency: server.concurrency,
    run: (trial, deadline, findings) => server.run(trial, deadline, findings),
    close: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** Our client. */
export function startOwnClient(): Promise<Subject> {
  const command = [process.execPath, ...flags, pathOf('echo-client.ts')].map((part) => `'${part}'`);
  return ClientSubject.start('hawser', `exec ${command.join(' ')} {url}`);
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
