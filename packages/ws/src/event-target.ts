/**
 * The EventTarget face of an EventEmitter: `addEventListener` and the `on…` attributes as listeners among the others,
 * in the order in which they were added. Each is a wrapper that makes the event; what it wraps stands in a WeakMap.
 */

import type { EventEmitter } from 'node:events';
import { CloseEvent, ErrorEvent, Event, MessageEvent } from './events.ts';

/** What listens by this face. */
export type Handler = ((event: Event) => void) | { handleEvent(event: Event): void };

/** The names of the events that this face has. */
export const eventNames = ['open', 'error', 'close', 'message'] as const;

type EventName = (typeof eventNames)[number];

/** An emitter that knows how its connection was closed. */
export interface EventSource extends EventEmitter {
  readonly wasClean: boolean;
}

interface Registration {
  readonly handler: Handler;
  /** Whether it was set by an `on…` attribute. */
  readonly isAttribute: boolean;
  /** The listener that the emitter knows. */
  readonly wrapper: Wrapper;
}

type Wrapper = Parameters<EventEmitter['on']>[1];

const registrations = new WeakMap<object, Registration>();

/** Adds a listener, unless it is there. Names of other events are ignored. */
export function addHandler(
  source: EventSource,
  type: string,
  handler: Handler,
  options: { readonly once?: boolean | undefined } = {},
): void {
  if (find(source, type, (known) => known.handler === handler && !known.isAttribute) !== undefined) return;
  register(source, type, handler, { isAttribute: false, once: options.once === true });
}

/** Removes a listener that `addHandler` added. */
export function removeHandler(source: EventSource, type: string, handler: Handler): void {
  remove(source, type, (known) => known.handler === handler && !known.isAttribute);
}

/** What an `on…` attribute holds. */
export function attributeHandler(source: EventSource, type: string): Handler | null {
  return find(source, type, (known) => known.isAttribute)?.handler ?? null;
}

/** Sets an `on…` attribute; what is no function empties it. */
export function setAttributeHandler(source: EventSource, type: string, handler: unknown): void {
  remove(source, type, (known) => known.isAttribute);
  if (isFunction(handler)) register(source, type, handler, { isAttribute: true, once: false });
}

function register(
  source: EventSource,
  type: string,
  handler: Handler,
  { isAttribute, once }: { isAttribute: boolean; once: boolean },
): void {
  if (!isEventName(type)) return;
  const wrapper = wrap(source, type, handler);
  registrations.set(wrapper, { handler, isAttribute, wrapper });
  if (once) source.once(type, wrapper);
  else source.on(type, wrapper);
}

function wrap(source: EventSource, type: EventName, handler: Handler): Wrapper {
  switch (type) {
    case 'open':
      return () => call(source, handler, new Event(type, source));
    case 'error':
      return (error: Error) => {
        const init = { error, message: error.message };
        call(source, handler, new ErrorEvent(type, init, source));
      };
    case 'close':
      return (code: number, reason: Buffer) => {
        const init = { code, reason: reason.toString(), wasClean: source.wasClean };
        call(source, handler, new CloseEvent(type, init, source));
      };
    case 'message':
      return (data: Buffer, isBinary: boolean) => {
        const init = { data: isBinary ? data : data.toString() };
        call(source, handler, new MessageEvent(type, init, source));
      };
  }
}

function call(source: EventSource, handler: Handler, event: Event): void {
  if (typeof handler === 'function') handler.call(source, event);
  else handler.handleEvent(event);
}

function find(
  source: EventSource,
  type: string,
  fits: (known: Registration) => boolean,
): Registration | undefined {
  for (const listener of source.listeners(type)) {
    const known = registrations.get(listener);
    if (known !== undefined && fits(known)) return known;
  }
  return undefined;
}

function remove(source: EventSource, type: string, fits: (known: Registration) => boolean): void {
  const known = find(source, type, fits);
  if (known !== undefined) source.removeListener(type, known.wrapper);
}

function isEventName(type: string): type is EventName {
  return eventNames.some((name) => name === type);
}

function isFunction(value: unknown): value is (event: Event) => void {
  return typeof value === 'function';
}
