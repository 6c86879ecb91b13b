/**
 * One client's connection: frames in, commands carried out, replies and events out. It begins without an identity, and ends
 * with its token, with silence, by a revocation, or by the client. (Longer than a file should be: what can happen to a connection
 * shares one state, and half of the lines say when each of it does.) Below: `command-queue.ts`, `commands.ts`, `outbox.ts`;
 * above: `hub.ts`.
 */

import {
  type CloseName,
  type Command,
  type ConnectCommand,
  closeCodes,
  decodeCommand,
  type RefreshCommand,
  WireError,
} from '@hawser/wire';
import { CommandError } from './command-error.ts';
import { CommandQueue, type CommandRunner, type PendingCommand } from './command-queue.ts';
import type { Deadline } from './deadline-queue.ts';
import type { HubContext } from './hub-context.ts';
import type { Identity } from './identity.ts';
import { Outbox } from './outbox.ts';
import type { Departure } from './presence.ts';
import { RateMeter } from './rate-limits.ts';
import type { RegisteredSession } from './session-registry.ts';
import { checkNotRevoked, expiryOf, signIn } from './sign-in.ts';
import { Subscriptions } from './subscriptions.ts';
import { toldError } from './told-error.ts';
import type { Transport } from './transport.ts';

/** A client that is silent for so many of the intervals at which it should ping is gone. */
const SILENT_INTERVALS = 2;
/** When to come again if the hub has too much to do, in ms. */
const BUSY_RETRY_IN_MS = 1000;

/** Ends after which nobody takes the session up. */
const finalCloses: readonly CloseName[] = ['revoked', 'disconnected', 'forbidden', 'unauthenticated'];

/** How a connection ends that was not let in. Without an entry it may try again. */
const refusals: ReadonlyMap<string, CloseName> = new Map([
  ['unauthenticated', 'unauthenticated'],
  ['token-expired', 'token-expired'],
  ['token-revoked', 'revoked'],
  ['forbidden', 'forbidden'],
  ['rate-limited', 'rate-limited'],
]);

/** Commands that change what those behind them mean, so that these wait. */
const blockingCommands: readonly Command['type'][] = ['connect', 'refresh', 'subscribe'];

/** What a connection shares with the others of its hub. */
export type ConnectionContext<Prepared, Request> = HubContext<
  Prepared,
  Request,
  Connection<Prepared, Request>
>;

/** One client's connection. */
export class Connection<Prepared, Request> implements CommandRunner {
  readonly outbox: Outbox<Prepared>;
  readonly subscriptions: Subscriptions<Prepared>;
  readonly #context: ConnectionContext<Prepared, Request>;
  readonly #transport: Transport<Prepared>;
  readonly #request: Request;
  /** In how many ms its address may connect, which has too many connections; 0 if it has not. */
  readonly #addressRetryInMs: number;
  readonly #commands: CommandQueue;
  readonly #meter: RateMeter;
  /** Undefined until the client has connected. */
  #session: RegisteredSession<Connection<Prepared, Request>> | undefined;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #lastHeardAt: number;
  #deadline: Deadline;
  /** Whether there is room for more commands, and whether there is for their replies. */
  #hasCommandRoom = true;
  #hasReplyRoom = true;
  #isReading = true;

  constructor(
    transport: Transport<Prepared>,
    request: Request,
    addressRetryInMs: number,
    context: ConnectionContext<Prepared, Request>,
  ) {
    const { clock, rateLimits, load, limits, timing, deadlines, catchUp } = context;
    this.#context = context;
    this.#transport = transport;
    this.#request = request;
    this.#addressRetryInMs = addressRetryInMs;
    this.outbox = new Outbox(transport, catchUp, this);
    this.subscriptions = new Subscriptions(this.outbox, context);
    this.#commands = new CommandQueue(this, load, limits.commandsUnderWay);
    this.#lastHeardAt = clock.now();
    this.#meter = new RateMeter(rateLimits);
    this.#deadline = deadlines.add(timing.connectTimeoutMs, () => this.#due());
  }

  /** Who the client is; undefined until it has connected. */
  get identity(): Identity | undefined {
    return this.#session?.identity;
  }

  /** The part of its session's id that is no secret; undefined until it has connected. */
  get sessionName(): string | undefined {
    return this.#session?.name;
  }

  // Called with what the transport tells

  /** A frame came. Never throws. */
  receive(frame: string | Uint8Array): void {
    if (this.#state === 'closed') return;
    this.#lastHeardAt = this.#context.clock.now();
    const retryInMs = this.#meter.admitCommand(frame.length, this.#lastHeardAt);
    if (this.#meter.isFlooding) return this.close('rate-limited');
    const command = this.#decode(frame);
    if (command === undefined) return;
    const refusal = this.#refusalOf(frame.length, retryInMs);
    if (refusal === undefined) this.#commands.add({ command, bytes: frame.length });
    else this.#refuse(command.id, refusal);
  }

  /** The kernel has taken all that was sent. */
  drained(): void {
    this.outbox.drained();
    this.#hasReplyRoom = true;
    this.#applyReading();
  }

  /** The transport is gone; `left` if the client wanted it so. */
  closed(departure: Departure): void {
    this.#end(departure);
    this.#context.onGone(this);
  }

  // Called by the hub

  /** Begins to end the connection. */
  close(name: CloseName): void {
    if (this.#state === 'closed') return;
    this.#end(finalCloses.includes(name) ? 'left' : 'lost');
    const { code, message } = closeCodes[name];
    this.#transport.close(code, message);
  }

  /** Announces that the hub ends, and closes once all that was asked for is answered. */
  drain(reconnectInMs: number): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.outbox.tell({ type: 'drain', reconnectInMs });
    this.#closeIfDrained();
  }

  /** Ends the connection now. */
  terminate(): void {
    this.#end('lost');
    this.#transport.terminate();
  }

  // Called by the queue

  begin(pending: PendingCommand): Promise<void> | undefined {
    const { command } = pending;
    const { identity } = this;
    if (identity === undefined || command.type === 'connect' || command.type === 'refresh') {
      return this.#carryOut(pending, true);
    }
    const allowed = this.#context.commands.isAllowed(identity, command);
    if (typeof allowed === 'boolean') return this.#carryOut(pending, allowed);
    return allowed.then((answer) => this.#carryOut(pending, answer));
  }

  setReading(isReading: boolean): void {
    this.#hasCommandRoom = isReading;
    this.#applyReading();
  }

  #decode(frame: string | Uint8Array): Command | undefined {
    try {
      return decodeCommand(frame);
    } catch (error) {
      if (!(error instanceof WireError) || error.commandId === undefined) this.close('malformed-frame');
      else this.#refuse(error.commandId, new CommandError('invalid-command', error.message));
      return undefined;
    }
  }

  /** Why no command can be taken; undefined if one can. */
  #refusalOf(bytes: number, retryInMs: number): CommandError | undefined {
    const { load, limits } = this.#context;
    if (retryInMs > 0) return new CommandError('rate-limited', undefined, { retryInMs });
    if (this.#state === 'draining') return new CommandError('draining');
    if (load.bytes + bytes <= limits.commandBytes) return undefined;
    return new CommandError('unavailable', 'The hub has too much to do', { retryInMs: BUSY_RETRY_IN_MS });
  }

  #carryOut(pending: PendingCommand, allowed: boolean): Promise<void> | undefined {
    const { command } = pending;
    let work: Promise<void> | undefined;
    try {
      if (!allowed) throw new CommandError('forbidden');
      work = this.#execute(command);
    } catch (error) {
      this.#refuse(command.id, error);
    }
    if (work === undefined) this.#settle(pending);
    else {
      const settled = this.#settleLater(pending, work);
      if (blockingCommands.includes(command.type)) return settled;
    }
    return undefined;
  }

  #execute(command: Command): Promise<void> | undefined {
    if (this.#state === 'closed') return undefined;
    if (command.type === 'connect') return this.#connect(command);
    const { identity, subscriptions, outbox } = this;
    if (identity === undefined) throw new CommandError('not-connected');
    if (command.type === 'refresh') return this.#refresh(command, identity);
    if (command.type === 'subscribe') this.#meterSubscription();
    return this.#context.commands.execute(command, { identity, subscriptions, outbox });
  }

  async #settleLater(pending: PendingCommand, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#refuse(pending.command.id, error);
    }
    this.#settle(pending);
  }

  #settle(pending: PendingCommand): void {
    this.#commands.settle(pending);
    if (this.#hasReplyRoom && this.outbox.isFull) this.#checkReplyRoom();
    if (this.#state === 'draining') this.#closeIfDrained();
  }

  async #connect({ id, token, session: sessionId }: ConnectCommand): Promise<void> {
    if (this.#session !== undefined) throw new CommandError('already-connected');
    const { sessions, clock, timing } = this.#context;
    try {
      const identity = await this.#signIn(token);
      if (this.#state === 'closed') return;
      checkNotRevoked(this.#context.revocations, identity);
      const takenUp = sessionId === undefined ? undefined : sessions.takeUp(sessionId, identity, this);
      takenUp?.previous?.close('session-taken-up');
      const session = takenUp?.session ?? sessions.open(identity, this);
      this.#session = session;
      this.#watch();
      this.outbox.tell({
        type: 'connected',
        id,
        user: identity.user,
        session: session.id,
        resumed: takenUp !== undefined,
        ...expiryOf(identity, clock),
        pingIntervalMs: timing.pingIntervalMs,
      });
    } catch (error) {
      const refusal = toldError(error, this.#context.onError);
      this.#refuse(id, refusal);
      const name = refusals.get(refusal.code);
      if (name !== undefined) this.close(name);
    }
  }

  async #refresh({ id, token }: RefreshCommand, before: Identity): Promise<void> {
    const identity = await this.#signIn(token);
    if (this.#session === undefined || this.#state === 'closed') return;
    checkNotRevoked(this.#context.revocations, identity);
    if (identity.user !== before.user) throw new CommandError('identity-changed');
    this.#session.identity = identity;
    this.#watch();
    this.outbox.tell({ type: 'refreshed', id, ...expiryOf(identity, this.#context.clock) });
    await this.#endForbidden(identity);
  }

  #signIn(token: string | undefined): Promise<Identity> {
    const request = this.#request;
    const credentials = token === undefined ? { request } : { token, request };
    return signIn(this.#context, credentials, this.#addressRetryInMs);
  }

  /** A new token may allow less. */
  async #endForbidden(identity: Identity): Promise<void> {
    for (const channel of [...this.subscriptions.names]) {
      const command = { type: 'subscribe', id: 0, channel } as const;
      const allowed = await this.#context.commands.isAllowed(identity, command);
      if (!allowed) this.subscriptions.end(channel, 'forbidden');
    }
  }

  #meterSubscription(): void {
    const retryInMs = this.#meter.admitSubscription(this.#context.clock.now());
    if (retryInMs > 0) throw new CommandError('rate-limited', undefined, { retryInMs });
  }

  #refuse(id: number, error: unknown): void {
    const { code, message, retryInMs, reason } = toldError(error, this.#context.onError);
    const details = {
      ...(retryInMs !== undefined && { retryInMs }),
      ...(reason !== undefined && { reason }),
    };
    this.outbox.tell({ type: 'error', id, code, message, ...details });
    this.#checkReplyRoom();
  }

  /** A client that asks and does not read what it is answered is not read either. */
  #checkReplyRoom(): void {
    if (!this.outbox.isFull || this.outbox.bufferedAmount <= this.#context.limits.outboundBytes) return;
    this.#hasReplyRoom = false;
    this.#applyReading();
  }

  #applyReading(): void {
    const isReading = this.#hasCommandRoom && this.#hasReplyRoom;
    if (isReading === this.#isReading || this.#state === 'closed') return;
    this.#isReading = isReading;
    if (!isReading) return this.#transport.pause();
    // Nothing could be heard of it meanwhile.
    this.#lastHeardAt = this.#context.clock.now();
    this.#transport.resume();
  }

  /** Looks again when the token ends, or when the client has been silent for too long. */
  #watch(): void {
    const { deadlines, clock, timing } = this.#context;
    deadlines.remove(this.#deadline);
    const silentIn = this.#lastHeardAt + SILENT_INTERVALS * timing.pingIntervalMs - clock.now();
    const expiresIn = (this.identity?.expiresAt ?? Infinity) - clock.date();
    this.#deadline = deadlines.add(Math.min(silentIn, expiresIn), () => this.#due());
  }

  #due(): void {
    const { clock, timing } = this.#context;
    const { identity } = this;
    if (identity === undefined) return this.close('connect-timeout');
    if (identity.expiresAt <= clock.date()) return this.close('token-expired');
    // The hub's own slowness is no silence of the client.
    if (!this.#hasCommandRoom) this.#lastHeardAt = clock.now();
    const silentForMs = clock.now() - this.#lastHeardAt;
    if (silentForMs >= SILENT_INTERVALS * timing.pingIntervalMs) return this.close('ping-timeout');
    this.#watch();
  }

  #closeIfDrained(): void {
    if (this.#commands.size === 0) this.close('draining');
  }

  #end(departure: Departure): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { deadlines, sessions } = this.#context;
    deadlines.remove(this.#deadline);
    this.subscriptions.clear(departure);
    this.#commands.clear();
    if (this.#session === undefined) return;
    if (departure === 'left') sessions.end(this.#session);
    else sessions.release(this.#session, this);
  }
}
