/**
 * The parts of a hub, made of its options and joined: what all its connections share. Below: everything that `connection.ts` needs;
 * above: `connection.ts`, `hub.ts`.
 */

import type { AnyContract, Contract, Event, Member } from '@hawser/wire';
import type { Broker } from './broker.ts';
import { CatchUp } from './catch-up.ts';
import type { DeliveryCounts } from './channel.ts';
import { Channels } from './channels.ts';
import { type Clock, systemClock } from './clock.ts';
import type { CommandLoad } from './command-queue.ts';
import { Commands } from './commands.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { FrameCache } from './frame-cache.ts';
import type { Authenticate } from './identity.ts';
import { MemoryBroker } from './memory-broker.ts';
import { Methods } from './methods.ts';
import { Namespaces } from './namespaces.ts';
import { type HubLimits, type HubOptions, type HubTiming, resolveLimits, resolveTiming } from './options.ts';
import { Presence } from './presence.ts';
import { Publisher } from './publisher.ts';
import { randomText } from './random-text.ts';
import { type RateLimits, resolveRateLimits } from './rate-limits.ts';
import type { Revocation } from './revocation.ts';
import { Revocations } from './revocations.ts';
import { SessionRegistry } from './session-registry.ts';
import type { Subscription } from './subscription.ts';
import type { SubscriptionsContext } from './subscriptions.ts';
import { toldError } from './told-error.ts';

/**
 * The parts of a hub.
 *
 * @typeParam Holder The connections.
 */
export interface HubContext<Prepared, Request, Holder> extends SubscriptionsContext<Prepared> {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly deadlines: DeadlineQueue;
  readonly authenticate: Authenticate<Request>;
  readonly revocations: Revocations;
  readonly sessions: SessionRegistry<Holder>;
  readonly publisher: Publisher;
  readonly commands: Commands<Prepared>;
  readonly frames: FrameCache<Prepared>;
  readonly counts: DeliveryCounts;
  readonly load: CommandLoad;
  readonly limits: HubLimits;
  readonly timing: HubTiming;
  readonly rateLimits: RateLimits;
  readonly onError: (error: unknown) => void;
  /** A connection is gone. */
  readonly onGone: (connection: Holder) => void;
}

/** What the parts tell the hub. */
export interface HubListener<Holder> {
  onGone(connection: Holder): void;
  onRevoked(revocation: Revocation): void;
}

/**
 * Makes the parts of a hub.
 *
 * @throws RangeError or TypeError with the path of an option that is wrong.
 */
export function makeHubContext<Prepared, Request, Holder, C extends Contract = AnyContract>(
  options: HubOptions<Prepared, Request, C>,
  listener: HubListener<Holder>,
): HubContext<Prepared, Request, Holder> {
  const { clock = systemClock, onError = (error) => console.error(error), schemas, authorize } = options;
  const namespaces = new Namespaces(options.namespaces);
  const limits = resolveLimits(options.limits, namespaces.maxMessageBytes);
  const timing = resolveTiming(options.timing);
  const broker = options.broker ?? new MemoryBroker({ clock });
  const deadlines = new DeadlineQueue(clock);
  const parts = { broker, clock, deadlines, onError };
  const delivery = makeDelivery(options, parts, limits, timing);
  const presence = makePresence(options, parts, limits, timing, delivery.channels);
  const publisher = new Publisher({ broker, clock, namespaces, schemas: schemas?.channels });
  const methods = new Methods(options.methods ?? {}, schemas?.methods);
  const { historyBytes } = limits;
  const commands = { broker, namespaces, publisher, methods, presence, authorize, historyBytes, onError };
  return {
    ...parts,
    ...delivery,
    namespaces,
    presence,
    publisher,
    limits,
    timing,
    maxSubscriptions: limits.subscriptions,
    rateLimits: resolveRateLimits(options.rateLimits),
    authenticate: options.authenticate,
    commands: new Commands(commands),
    load: { bytes: 0 },
    revocations: new Revocations({
      ...parts,
      revocationKeepMs: timing.revocationKeepMs,
      maxRevocations: limits.revocations,
      onRevoked: (revocation) => listener.onRevoked(revocation),
    }),
    sessions: new SessionRegistry({
      clock,
      random: options.random ?? (() => randomText()),
      sessionKeepMs: timing.sessionKeepMs,
      maxWaitingSessions: limits.waitingSessions,
    }),
    onGone: (connection) => listener.onGone(connection),
  };
}

interface BasicParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly deadlines: DeadlineQueue;
  readonly onError: (error: unknown) => void;
}

interface DeliveryParts<Prepared> {
  readonly counts: DeliveryCounts;
  readonly frames: FrameCache<Prepared>;
  readonly channels: Channels<Prepared>;
  readonly catchUp: CatchUp<Prepared>;
}

/** What brings messages to subscribers. */
function makeDelivery<Prepared>(
  { prepare }: { readonly prepare: (data: string | Uint8Array) => Prepared },
  { broker, clock, onError }: BasicParts,
  limits: HubLimits,
  { channelIdleMs }: HubTiming,
): DeliveryParts<Prepared> {
  const counts = { delivered: 0, dropped: 0 };
  const frames = new FrameCache<Prepared>({
    totalBytes: limits.frameCacheBytes,
    channelBytes: limits.channelFrameCacheBytes,
  });
  const channels = new Channels<Prepared>(
    { clock, maxChannels: limits.channels, channelIdleMs },
    {
      broker,
      prepare,
      frames,
      counts,
      readLimits: { messages: limits.readMessages, bytes: limits.readBytes },
      latestLimits: { keys: limits.latestKeys, bytes: limits.latestBytes },
    },
  );
  const catchUp = new CatchUp<Prepared>({
    clock,
    maxReaders: limits.readers,
    onError: (subscription, error) => {
      const { code, message } = toldError(error, onError);
      subscription.owner.end(subscription.source.name, code, message);
    },
  });
  return { counts, frames, channels, catchUp };
}

function makePresence<Prepared>(
  { random }: { readonly random?: () => string },
  parts: BasicParts,
  limits: HubLimits,
  timing: HubTiming,
  channels: Channels<Prepared>,
): Presence {
  return new Presence({
    ...parts,
    hubId: random?.() ?? randomText(),
    presenceGraceMs: timing.presenceGraceMs,
    maxMembersPerChannel: limits.membersPerChannel,
    onChange: (type, channel, member) => tellMember(channels, { type, channel, member }),
  });
}

/**
 * Tells the subscribers of a channel who came or went. It is not in the log, so a connection that has no room for it would
 * show a wrong list from then on: it loses the subscription instead, and learns who is there when it subscribes anew.
 */
function tellMember<Prepared>(
  channels: Channels<Prepared>,
  event: Extract<Event, { readonly member: Member }>,
): void {
  channels.get(event.channel)?.tellAll(event, ({ owner }: Subscription<Prepared>) => {
    owner.end(event.channel, 'unavailable', 'Expected to be read fast enough to show who comes and goes');
  });
}
