/** Our own server and client, started as processes of their own, so that the runner tests them like any other. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ClientSubject, ServerSubject, type Subject } from '../subject.ts';
import { Findings } from '../trial/findings.ts';

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

/**
 * Our client. A case that what it offers leaves no room for is tried with one that restricts the server, which is started
 * for the first such case.
 */
export async function startOwnClient(): Promise<Subject> {
  const permissive = await startEchoClient('');
  let restricting: Promise<Subject> | undefined;
  return {
    name: permissive.name,
    role: permissive.role,
    concurrency: permissive.concurrency,
    run: async (trial, deadline, findings) => {
      const first = new Findings();
      await permissive.run(trial, deadline, first);
      if (first.verdict !== 'unimplemented') return findings.addAll(first);
      restricting ??= startEchoClient('--restricting');
      await (await restricting).run(trial, deadline, findings);
    },
    close: async () => {
      await permissive.close();
      await (await restricting)?.close();
    },
  };
}

function startEchoClient(flag: string): Promise<Subject> {
  const command = [process.execPath, ...flags, pathOf('echo-client.ts')].map((part) => `'${part}'`);
  return ClientSubject.start('hawser', `exec ${command.join(' ')} {url} ${flag}`);
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
