/**
 * What an identity may do, as its token or the `authenticate` hook says it: patterns of channels with actions, and methods.
 * Nothing is allowed that no pattern allows. A pattern is matched by comparing its beginning, never by a regular expression,
 * so that no name can make it slow.
 */

/** What can be done with a channel. */
export type ChannelAction = 'subscribe' | 'publish' | 'history' | 'presence';

/** What can be done at all. */
export type Action = ChannelAction | 'call';

/**
 * What is granted, as JSON: the `permissions` claim of a token has this shape.
 *
 * A pattern is a name; or the beginning of names, followed by `*`. `{user}` stands for the identity's own user, and has to be a
 * whole part between colons: `inbox:{user}`. It grants nothing to a user whose name has a colon or an asterisk.
 */
export interface Grants {
  /** Patterns of channels, with what may be done with those that match. */
  readonly channels?: Readonly<Record<string, readonly ChannelAction[]>>;
  /** Patterns of the methods that may be called. */
  readonly methods?: readonly string[];
}

interface Pattern {
  readonly text: string;
  /** Whether longer names match that begin with the text. */
  readonly isPrefix: boolean;
}

interface ChannelPattern extends Pattern {
  /** The bits of the actions: every connection has its own patterns, so they are kept small. */
  readonly actions: number;
}

const actionBits: ReadonlyMap<unknown, number> = new Map<ChannelAction, number>([
  ['subscribe', 1],
  ['publish', 2],
  ['history', 4],
  ['presence', 8],
]);

/** Most patterns of one identity: each name is compared with all of them. */
const MAX_PATTERNS = 256;
const MAX_PATTERN_LENGTH = 512;
const USER_PLACEHOLDER = '{user}';

/** What an identity may do, ready to be asked. */
export class Permissions {
  /** Nothing at all. */
  static readonly none: Permissions = new Permissions([], []);

  readonly #channels: readonly ChannelPattern[];
  readonly #methods: readonly Pattern[];

  private constructor(channels: readonly ChannelPattern[], methods: readonly Pattern[]) {
    this.#channels = channels;
    this.#methods = methods;
  }

  /**
   * Reads grants that come from outside.
   *
   * @throws TypeError if they are not of this shape, or name an action that there is not.
   */
  static from(grants: unknown, user: string): Permissions {
    if (grants === undefined) return Permissions.none;
    const { channels = {}, methods = [], ...others } = asObject(grants, 'permissions');
    const unknownName = Object.keys(others)[0];
    if (unknownName !== undefined) {
      throw new TypeError(
        `Expected permissions to have channels and methods, received ${quote(unknownName)}`,
      );
    }
    return new Permissions(readChannels(channels, user), readMethods(methods, user));
  }

  /** Whether a pattern allows it; `name` is the channel's, or the method's for `call`. */
  allows(action: Action, name: string): boolean {
    if (action === 'call') return this.#methods.some((pattern) => matches(pattern, name));
    const bit = actionBits.get(action) ?? 0;
    return this.#channels.some((pattern) => (pattern.actions & bit) !== 0 && matches(pattern, name));
  }
}

function matches({ text, isPrefix }: Pattern, name: string): boolean {
  return isPrefix ? name.length > text.length && name.startsWith(text) : name === text;
}

function readChannels(value: unknown, user: string): readonly ChannelPattern[] {
  const entries = Object.entries(asObject(value, 'permissions.channels'));
  checkCount(entries.length, 'permissions.channels');
  return entries.flatMap(([text, actions]) => {
    const checked = readActions(actions, `permissions.channels[${quote(text)}]`);
    return readPattern(text, user).map((pattern) => ({
      text: pattern.text,
      isPrefix: pattern.isPrefix,
      actions: checked,
    }));
  });
}

function readMethods(value: unknown, user: string): readonly Pattern[] {
  const texts = asArray(value, 'permissions.methods');
  checkCount(texts.length, 'permissions.methods');
  return texts.flatMap((text) => readPattern(asString(text, 'permissions.methods'), user));
}

/** The bits of a list of actions. */
function readActions(value: unknown, path: string): number {
  return asArray(value, path).reduce((bits: number, action) => {
    const bit = actionBits.get(action);
    if (bit !== undefined) return bits | bit;
    throw new TypeError(
      `Expected ${path} to list ${[...actionBits.keys()].join(', ')}, received ${quote(action)}`,
    );
  }, 0);
}

/** One pattern, or none if it has a placeholder that the user cannot stand for. */
function readPattern(text: string, user: string): readonly Pattern[] {
  if (text.length > MAX_PATTERN_LENGTH) {
    throw new TypeError(
      `Expected a pattern of at most ${MAX_PATTERN_LENGTH} characters, received ${text.length}`,
    );
  }
  const isPrefix = text.endsWith('*');
  const body = isPrefix ? text.slice(0, -1) : text;
  if (body.includes('*')) {
    throw new TypeError(`Expected a pattern with * at its end only, received ${quote(text)}`);
  }
  if (!body.includes(USER_PLACEHOLDER)) return [{ text: body, isPrefix }];
  return withUser(text, user).map((expanded) => ({ text: expanded, isPrefix }));
}

/**
 * Puts the user in. With a colon in a user's name, or without one beside the placeholder, the channels of one user would
 * begin like those of another: `inbox:{user}*` is the inbox of al, and of alice.
 */
function withUser(pattern: string, user: string): readonly string[] {
  const parts = pattern.split(':');
  if (parts.some((part) => part !== USER_PLACEHOLDER && part.includes(USER_PLACEHOLDER))) {
    throw new TypeError(
      `Expected ${USER_PLACEHOLDER} to be a whole part between colons, received ${quote(pattern)}`,
    );
  }
  if (user.includes(':') || user.includes('*')) return [];
  const expanded = parts.map((part) => (part === USER_PLACEHOLDER ? user : part)).join(':');
  return [pattern.endsWith('*') ? expanded.slice(0, -1) : expanded];
}

function checkCount(count: number, path: string): void {
  if (count > MAX_PATTERNS) {
    throw new TypeError(`Expected at most ${MAX_PATTERNS} patterns in ${path}, received ${count}`);
  }
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new TypeError(`Expected ${path} to be an object, received ${quote(value)}`);
}

function asArray(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`Expected ${path} to be an array, received ${quote(value)}`);
}

function asString(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Expected ${path} to hold strings, received ${quote(value)}`);
}

/** A value of a token, cut short: what is told to a client, or logged, is no place for all of it. */
function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;
}
