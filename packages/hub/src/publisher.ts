/**
 * Puts messages into the log, for clients and for the server itself: checked by the channel's schema, within its size, and
 * named so that a retry is known. Below: `broker.ts`; above: `connection.ts`, `hub.ts`.
 */

import { checkSchema, findByPattern, type StandardSchema, utf8Length } from '@hawser/wire';
import type { Broker, Content, Publication, PublishResult } from './broker.ts';
import type { Clock } from './clock.ts';
import { CommandError } from './command-error.ts';
import type { Namespaces } from './namespaces.ts';

/** Schemas by channel name or pattern. */
export type ChannelSchemas = Readonly<Record<string, StandardSchema<unknown, unknown> | undefined>>;

/** What a publisher goes by. */
export interface PublisherOptions {
  readonly broker: Broker;
  readonly clock: Pick<Clock, 'date'>;
  readonly namespaces: Namespaces;
  readonly schemas: ChannelSchemas | undefined;
}

/** A message that somebody wants to publish. */
export interface Draft {
  readonly data: unknown;
  readonly key?: string | undefined;
  readonly messageId?: string | undefined;
  /** Who publishes it; absent for the server itself. */
  readonly user?: string | undefined;
}

/** Publishes to all channels. */
export class Publisher {
  readonly #options: PublisherOptions;
  #published = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** How many messages were stored, without retries. */
  get published(): number {
    return this.#published;
  }

  /**
   * Publishes a message. It is handed to the broker before this returns, so that one call after another keeps their order.
   *
   * @throws CommandError at once, if it is not fit for the channel.
   */
  publish(channel: string, draft: Draft): Promise<PublishResult> {
    const { broker, namespaces } = this.#options;
    const { maxMessageBytes, retention } = namespaces.of(channel);
    const content = this.#contentOf(channel, draft.data);
    if (isLarger(content, maxMessageBytes)) {
      throw new CommandError('too-large', `Expected a message of at most ${maxMessageBytes} bytes`);
    }
    return this.#count(broker.publish(channel, this.#publicationOf(draft, content), retention));
  }

  async #count(publishing: Promise<PublishResult>): Promise<PublishResult> {
    const result = await publishing;
    if (!result.isDuplicate) this.#published += 1;
    return result;
  }

  #contentOf(channel: string, data: unknown): Content {
    const schema = findByPattern(this.#options.schemas, channel);
    const checked =
      schema === undefined
        ? data
        : checkSchema(schema, data, (problem) => new CommandError('invalid-data', problem));
    if (checked instanceof Uint8Array) return checked;
    const text: string | undefined = JSON.stringify(checked);
    if (text === undefined) throw new CommandError('invalid-data', 'Expected JSON or bytes');
    return text;
  }

  #publicationOf({ key, messageId, user }: Draft, content: Content): Publication {
    const at = this.#options.clock.date();
    return {
      content,
      at,
      ...(key === undefined ? undefined : { key }),
      ...(user === undefined ? undefined : { user }),
      ...(messageId === undefined
        ? undefined
        : { messageId, publicationId: publicationIdOf(user, messageId) }),
    };
  }
}

/** No user can write an id that is another's: the length says where their name ends. The server's own have none. */
function publicationIdOf(user: string | undefined, messageId: string): string {
  return user === undefined ? `:${messageId}` : `${user.length}:${user}:${messageId}`;
}

/** Whether the content has more bytes; a text is measured only if its length leaves that open. */
function isLarger(content: Content, bytes: number): boolean {
  if (typeof content !== 'string') return content.length > bytes;
  const mostBytesPerUnit = 3;
  return content.length > bytes || (content.length * mostBytesPerUnit > bytes && utf8Length(content) > bytes);
}
