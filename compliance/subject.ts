/**
 * What is tested: a server at a URL, or a client that a command starts. Both take one case at a time from the runner,
 * several at once. Before: `trial/`; after: `runner.ts`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Trial } from './case.ts';
import { runAgainstClient } from './trial/against-client.ts';
import { runAgainstServer } from './trial/against-server.ts';
import type { Deadline } from './trial/deadline.ts';
import type { Findings } from './trial/findings.ts';
import { Channel } from './wire/channel.ts';
import type { Role } from './wire/frame.ts';
import type { Target } from './wire/handshake.ts';

/** An endpoint under test. */
export interface Subject {
  readonly name: string;
  readonly role: Role;
  /** How many cases may run at once. */
  readonly concurrency: number;
  run(trial: Trial, deadline: Deadline, findings: Findings): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

const SERVER_CONCURRENCY = 8;
const CLIENT_PROCESSES = 4;

/** A server that echoes what it is sent. */
export class ServerSubject implements Subject {
  readonly name: string;
  readonly role = 'server';
  readonly concurrency = SERVER_CONCURRENCY;
  readonly #target: Target;

  /** @param url A `ws:` URL. */
  constructor(name: string, url: string) {
    this.name = name;
    const { protocol, hostname, port, pathname, search } = new URL(url);
    if (protocol !== 'ws:') throw new SyntaxError(`Expected a ws: URL, received ${url}`);
    this.#target = { host: hostname, port: Number(port || 80), resourceName: pathname + search };
  }

  async run(trial: Trial, deadline: Deadline, findings: Findings): Promise<void> {
    await runAgainstServer(trial, { target: this.#target, deadline, findings });
  }

  async close(): Promise<void> {}
}

/**
 * A client that connects to the URL it is given, echoes until the connection has ended and connects again. Several
 * processes of it run at once; one that exits is started again while there are cases.
 */
export class ClientSubject implements Subject {
  readonly name: string;
  readonly role = 'client';
  readonly concurrency = CLIENT_PROCESSES;
  readonly #command: string;
  readonly #listener: Server;
  readonly #processes = new Set<ChildProcess>();
  /** Connections that wait for a case, and cases that wait for a connection. */
  readonly #channels: Channel[] = [];
  readonly #takers: ((channel: Channel | undefined) => void)[] = [];
  #isClosing = false;
  #spawned = 0;
  #connected = 0;

  private constructor(name: string, command: string, listener: Server) {
    this.name = name;
    this.#command = command;
    this.#listener = listener;
    listener.on('connection', (socket) => this.#offer(new Channel(socket)));
  }

  /** @param command Run by the shell, with `{url}` replaced by the URL to connect to. */
  static async start(name: string, command: string): Promise<ClientSubject> {
    const listener = createServer({ allowHalfOpen: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const subject = new ClientSubject(name, command, listener);
    for (let i = 0; i < CLIENT_PROCESSES; i++) subject.#spawn();
    return subject;
  }

  async run(trial: Trial, deadline: Deadline, findings: Findings): Promise<void> {
    const channel = await this.#take(deadline);
    if (channel === undefined) return findings.fail('did not connect');
    await runAgainstClient(channel, trial, { deadline, findings });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const exits = [...this.#processes].map((child) => once(child, 'exit'));
    for (const child of this.#processes) endGroup(child);
    await Promise.all(exits);
    this.#listener.close();
    for (const channel of this.#channels) channel.destroy();
  }

  #spawn(): void {
    // A command that does nothing but exit is not started for ever.
    if (this.#isClosing || this.#spawned > this.#connected + 2 * CLIENT_PROCESSES) return;
    this.#spawned += 1;
    const command = this.#command.replaceAll('{url}', this.#url);
    // A group of its own, so that what the shell starts ends with it.
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'], detached: true });
    this.#processes.add(child);
    child.once('exit', () => {
      this.#processes.delete(child);
      this.#spawn();
    });
  }

  get #url(): string {
    return `ws://127.0.0.1:${portOf(this.#listener.address())}/echo`;
  }

  #offer(channel: Channel): void {
    this.#connected += 1;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#channels.push(channel);
    else taker(channel);
  }

  async #take(deadline: Deadline): Promise<Channel | undefined> {
    for (let channel = this.#channels.shift(); channel !== undefined; channel = this.#channels.shift()) {
      if (!channel.hasEnded) return channel;
      channel.destroy();
    }
    return new Promise((resolve) => {
      const taker = (channel: Channel | undefined): void => {
        clearTimeout(timer);
        resolve(channel);
      };
      const timer = setTimeout(() => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        resolve(undefined);
      }, deadline.remainingMs);
      this.#takers.push(taker);
    });
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has exited by itself.
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('Expected a TCP listener');
  return address.port;
}
