/**
 * What the chat page and the chat server say to each other: one JSON object in each text message, under one subprotocol.
 *
 * A page opens the connection, says `join`, and is answered with `welcome` (what it missed, and who is here) or `name-refused`.
 * From then on it posts; a post ends in `accepted`, `postponed` or `refused`, and reaches everybody as `message` in the room's order.
 * Both ends check what they receive: `client-message.ts` for the server, `server-message.ts` for the page.
 */

export const chatPath = '/chat';
export const chatSubprotocol = 'hawser.chat.v0';

/** A place in the room's log. The epoch changes when the server starts anew and its sequence with it. */
export interface Position {
  readonly epoch: string;
  readonly sequence: number;
}

/** Somebody in the room. The id is public and stays the same across tabs, reconnections and restarts. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A message as the room keeps it. The id was made by its author's page, the sequence and the time by the server. */
export interface ChatMessage {
  readonly id: string;
  readonly sequence: number;
  readonly author: Person;
  readonly text: string;
  readonly sentAt: number;
}

/** The first message on a connection. The key is the page's secret: who has it is that person. */
export interface Join {
  readonly type: 'join';
  readonly key: string;
  readonly name: string;
  readonly since: Position | undefined;
}

export interface Rename {
  readonly type: 'rename';
  readonly name: string;
}

/** Posting twice under one id adds one message: a page that saw no answer posts again. */
export interface Post {
  readonly type: 'post';
  readonly id: string;
  readonly text: string;
}

export type ClientMessage = Join | Rename | Post;

/**
 * How the messages of a `welcome` relate to what the page has already:
 * nothing is missing, some between are no longer kept, or the server has started anew since.
 */
export type Recovery = 'complete' | 'gap' | 'restarted';

export interface Welcome {
  readonly type: 'welcome';
  readonly you: string;
  readonly epoch: string;
  readonly recovery: Recovery;
  readonly messages: readonly ChatMessage[];
  readonly people: readonly Person[];
}

export interface Accepted {
  readonly type: 'accepted';
  readonly id: string;
  readonly sequence: number;
  readonly sentAt: number;
}

/** Too fast: the same post is welcome again after the delay. */
export interface Postponed {
  readonly type: 'postponed';
  readonly id: string;
  readonly retryAfterMs: number;
}

/** The post breaks a rule and would break it again. */
export interface Refused {
  readonly type: 'refused';
  readonly id: string;
  readonly reason: string;
}

/** The answer to a join or a rename that can be put right by another name on the same connection. */
export interface NameRefused {
  readonly type: 'name-refused';
  readonly reason: string;
}

/** Said before the server closes the connection. */
export interface Failure {
  readonly type: 'failure';
  readonly code: string;
  readonly reason: string;
}

export type ServerMessage =
  | Welcome
  | { readonly type: 'message'; readonly message: ChatMessage }
  | { readonly type: 'person-here'; readonly person: Person }
  | { readonly type: 'person-left'; readonly id: string }
  | Accepted
  | Postponed
  | Refused
  | NameRefused
  | Failure;
