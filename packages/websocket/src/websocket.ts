/**
 * The `WebSocket` of the WebSockets Standard (https://websockets.spec.whatwg.org), §3 and §4, for Node.js. Its numbered
 * steps stand beside the lines that do them. Before: `dial.ts`, which establishes the connection, and
 * `client-session.ts`, which brings its events; after: the application's listeners. It is long because an interface is
 * one class; what is no step of the standard stands elsewhere.
 */

import {
  CloseCode,
  type CloseStatus,
  formatExtensionList,
  type MessageOpcode,
  Opcode,
} from '@hawser/protocol';
import { type ClientSettings, resolveClientOptions, type WebSocketOptions } from './client-options.ts';
import { ClientSession, type SessionOwner } from './client-session.ts';
import { checkCloseInfo } from './close-info.ts';
import { type Dialed, dial, prepareCall } from './dial.ts';
import { type EventHandler, EventHandlerSlot } from './event-handler.ts';
import { decodeText, payloadLength, toArrayBuffer, toSendableData } from './message-data.ts';
import {
  describeConstants,
  describeInterface,
  toClampedUnsignedShort,
  toDomString,
  toUsvString,
} from './web-idl.ts';
import { CloseEvent, ErrorEvent, WebSocketEventTarget } from './websocket-events.ts';
import { checkProtocols, parseWebSocketUrl } from './websocket-url.ts';

/** How binary messages arrive. */
export type BinaryType = 'blob' | 'arraybuffer';

const READY_STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
type ReadyState = (typeof READY_STATES)[keyof typeof READY_STATES];
const { CONNECTING, OPEN, CLOSING, CLOSED } = READY_STATES;

const ABNORMAL_CLOSURE: CloseStatus = { code: CloseCode.AbnormalClosure, reason: '', clean: false };

/**
 * A connection to a WebSocket server, as browsers have it.
 *
 * @example
 * const socket = new WebSocket('wss://example.com/chat', 'chat.v1');
 * socket.onopen = () => socket.send('Hello');
 * socket.onmessage = ({ data }) => console.log(data);
 * socket.onerror = ({ error }) => console.error(error);
 * socket.onclose = ({ code, reason }) => console.log(code, reason);
 */
export class WebSocket extends WebSocketEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: URL;
  readonly #origin: string;
  readonly #onopen = new EventHandlerSlot<this, Event>(this, 'open');
  readonly #onmessage = new EventHandlerSlot<this, MessageEvent>(this, 'message');
  readonly #onerror = new EventHandlerSlot<this, ErrorEvent>(this, 'error');
  readonly #onclose = new EventHandlerSlot<this, CloseEvent>(this, 'close');
  /** Aborted to give up the call that is under way. */
  readonly #calling = new AbortController();
  #session: ClientSession | undefined;
  #readyState: ReadyState = CONNECTING;
  #bufferedAmount = 0;
  #extensions = '';
  #protocol = '';
  #binaryType: BinaryType = 'blob';

  /**
   * Connects.
   *
   * @param url An absolute URL: `ws:` or `wss:`, or their other names `http:` and `https:`, without a fragment.
   * @param protocols Subprotocols to ask for; the server has to choose one of them. Default none.
   * @param options What browsers decide for their pages.
   * @throws DOMException (SyntaxError) if the URL or a subprotocol cannot be used.
   * @throws TypeError, RangeError if an option cannot be used.
   */
  constructor(url: string | URL, protocols: string | Iterable<string> = [], options: WebSocketOptions = {}) {
    super();
    // biome-ignore lint/complexity/noArguments: only the count tells no argument from one that is undefined.
    if (arguments.length === 0) throw new TypeError('Expected a URL, received no argument');
    // 1. and 2. Get a URL record. 5. It is this object's URL.
    this.#url = parseWebSocketUrl(toUsvString(url));
    this.#origin = this.#url.origin;
    // 3. and 4. A string is one subprotocol; each is a token, and comes once.
    const list = checkProtocols(protocols);
    // 6. and 7. In parallel, establish a WebSocket connection.
    this.#establish(list, resolveClientOptions(options));
  }

  /** The URL, serialized. */
  get url(): string {
    return this.#url.href;
  }

  /** 0 CONNECTING, 1 OPEN, 2 CLOSING or 3 CLOSED. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /**
   * Bytes of messages that were sent and that the kernel has not taken, without framing. What is sent when nothing can
   * be sent any more counts too, and stays.
   */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /** Extensions in use, as in Sec-WebSocket-Extensions; empty for none. */
  get extensions(): string {
    return this.#extensions;
  }

  /** The subprotocol in use; empty for none. */
  get protocol(): string {
    return this.#protocol;
  }

  /** Whether a binary message comes as a Blob or as an ArrayBuffer. Default `blob`. Other values are ignored. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    const type = toDomString(value);
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  /** Called when the connection is open. */
  get onopen(): EventHandler<this, Event> {
    return this.#onopen.handler;
  }

  set onopen(handler: EventHandler<this, Event>) {
    this.#onopen.handler = handler;
  }

  /** Called for each message. */
  get onmessage(): EventHandler<this, MessageEvent> {
    return this.#onmessage.handler;
  }

  set onmessage(handler: EventHandler<this, MessageEvent>) {
    this.#onmessage.handler = handler;
  }

  /** Called when the connection failed, before `onclose`. */
  get onerror(): EventHandler<this, ErrorEvent> {
    return this.#onerror.handler;
  }

  set onerror(handler: EventHandler<this, ErrorEvent>) {
    this.#onerror.handler = handler;
  }

  /** Called when the connection is gone. */
  get onclose(): EventHandler<this, CloseEvent> {
    return this.#onclose.handler;
  }

  set onclose(handler: EventHandler<this, CloseEvent>) {
    this.#onclose.handler = handler;
  }

  /**
   * Sends a message: text of a string, binary of all else. The data is taken as it is now, and may be changed
   * afterwards. Messages arrive in the order in which they were sent. On a connection that is closing or closed this
   * only adds to `bufferedAmount`.
   *
   * @throws DOMException (InvalidStateError) while the connection is CONNECTING.
   * @throws TypeError for shared or resizable memory.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    // biome-ignore lint/complexity/noArguments: only the count tells no argument from one that is undefined.
    if (arguments.length === 0) throw new TypeError('Expected data, received no argument');
    const sendable = toSendableData(data);
    // 1. Not before it is open.
    if (this.#readyState === CONNECTING) {
      throw new DOMException(
        'Expected the connection to be open, it is still connecting',
        'InvalidStateError',
      );
    }
    // 2. Whatever it is, it counts at once; and it is sent if the closing handshake has not begun.
    const length = payloadLength(sendable);
    this.#bufferedAmount += length;
    if (this.#readyState === OPEN) this.#session?.send(sendable, length);
  }

  /**
   * Closes the connection once all that was sent has left, or gives it up while it is CONNECTING.
   *
   * @param code 1000 or 3000 to 4999. Default none, or 1000 with a reason.
   * @param reason At most 123 bytes of UTF-8. Default empty.
   * @throws DOMException (InvalidAccessError) for another code, (SyntaxError) for a longer reason.
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const closeCode = code === undefined ? undefined : toClampedUnsignedShort(code);
    const closeReason = reason === undefined ? '' : toUsvString(reason);
    const state = this.#readyState;
    // 1. and 2. Check what the Close frame would say.
    const info = checkCloseInfo(closeCode, closeReason);
    // 3. By the state that the connection is in:
    // closing or closed: nothing.
    if (state === CLOSING || state === CLOSED) return;
    this.#readyState = CLOSING;
    // Not yet established: fail it.
    if (state === CONNECTING) return this.#giveUp();
    // Open: start the closing handshake.
    this.#session?.close(info.code, info.reason);
  }

  #establish(protocols: readonly string[], settings: ClientSettings): void {
    const call = prepareCall(this.#url, protocols, settings);
    dial(call, this.#calling).then(
      (dialed) => setImmediate(() => this.#open(dialed, settings)),
      (error: Error) => {
        if (this.#readyState === CONNECTING) this.#queueClosed(ABNORMAL_CLOSURE, error);
      },
    );
  }

  #giveUp(): void {
    const reason = new DOMException('close() was called before the connection was open', 'AbortError');
    this.#calling.abort(reason);
    this.#queueClosed(ABNORMAL_CLOSURE, reason);
  }

  // Feedback from the protocol (§4). Each of these runs as a task of its own.

  /** When the connection is established. */
  #open({ duplex, head, agreement, extension }: Dialed, settings: ClientSettings): void {
    // Given up meanwhile.
    if (this.#readyState !== CONNECTING) return extension?.close();
    this.#session = new ClientSession(duplex, extension, settings, this.#sessionOwner());
    this.#session.start(head);
    // 1. The ready state.
    this.#readyState = OPEN;
    // 2. The extensions in use.
    this.#extensions = formatExtensionList(agreement.extensions);
    // 3. The subprotocol in use.
    this.#protocol = agreement.subprotocol ?? '';
    // 4. Fire an event named open.
    super.dispatchEvent(new Event('open'));
    this.#session.resumeAfterMicrotasks();
  }

  /** When a message has been received. */
  #receive(opcode: MessageOpcode, payload: Uint8Array): boolean {
    // 1. Not once it is closing.
    if (this.#readyState !== OPEN) return true;
    // 2. The data, by the message's type and by binaryType.
    const data = this.#dataForEvent(opcode, payload);
    // 3. Fire an event named message.
    super.dispatchEvent(new MessageEvent('message', { data, origin: this.#origin }));
    return true;
  }

  /** When the connection is closed. */
  #closed({ clean, code, reason }: CloseStatus, failure: Error | undefined): void {
    // 1. The ready state.
    this.#readyState = CLOSED;
    // 2. If the connection was failed, fire an event named error.
    if (failure !== undefined) {
      super.dispatchEvent(new ErrorEvent('error', { error: failure, message: failure.message }));
    }
    // 3. Fire an event named close.
    super.dispatchEvent(new CloseEvent('close', { wasClean: clean, code, reason }));
  }

  #queueClosed(status: CloseStatus, failure: Error | undefined): void {
    setImmediate(() => this.#closed(status, failure));
  }

  #sessionOwner(): SessionOwner {
    return {
      handleMessage: (opcode, payload) => this.#receive(opcode, payload),
      // When the closing handshake is started.
      handleClosing: () => {
        this.#readyState = CLOSING;
      },
      handleTaken: (length) => {
        this.#bufferedAmount -= length;
      },
      handleClosed: (status, failure) => this.#queueClosed(status, failure),
    };
  }

  #dataForEvent(opcode: MessageOpcode, payload: Uint8Array): string | Blob | ArrayBuffer {
    if (opcode === Opcode.Text) return decodeText(payload);
    return this.#binaryType === 'blob' ? new Blob([payload]) : toArrayBuffer(payload);
  }
}

describeInterface(WebSocket, [
  'url',
  'readyState',
  'bufferedAmount',
  'onopen',
  'onerror',
  'onclose',
  'extensions',
  'protocol',
  'close',
  'onmessage',
  'binaryType',
  'send',
]);
describeConstants(WebSocket, READY_STATES);
