/** docs/wire.md §5.1 and §5.5: a subscriber that reads nothing while much more is published than any buffer holds. */

import type { Event, Position } from '@hawser/wire';
import type { Case, Trial } from '../case.ts';
import { expectEqual, expectTrue } from '../finding.ts';
import type { Participant } from '../participant.ts';

/** 32 MB in all: the kernel's buffers of both sides, and those of the client, take some of it. */
const messageCount = 4_000;
const padding = 'x'.repeat(8_000);
const keyCount = 10;

export const slowSubscriberCases: readonly Case[] = [
  {
    section: '5.5',
    title: 'gives a subscriber that did not read every message, in order',
    isSlow: true,
    run: async (trial) => {
      const { slow } = await publishPastSlow(trial, 'every');
      const messages = await slow.messages(messageCount);
      expectEqual(
        messages.map(({ data }) => numberIn(data)),
        Array.from({ length: messageCount }, (_, index) => index),
        'the messages',
      );
    },
  },
  {
    section: '5.1',
    title: 'gives a subscriber that did not read the newest of each key, and the count of the others',
    isSlow: true,
    run: async (trial) => {
      const { slow, start } = await publishPastSlow(trial, 'latest');
      const newest = new Map<string | undefined, number>();
      await follow(slow, start, (event) => {
        if (event.type === 'message') newest.set(event.key, numberIn(event.data));
      });
      const expected = Array.from({ length: keyCount }, (_, key) => messageCount - keyCount + key);
      expectEqual(
        [...newest.values()].sort((a, b) => a - b),
        expected,
        'the newest of each key',
      );
    },
  },
  {
    section: '5.1',
    title: 'gives a subscriber that did not read the count of what it missed',
    isSlow: true,
    run: async (trial) => {
      const { slow, start, room, publisher } = await publishPastSlow(trial, 'volatile');
      await follow(slow, start, () => undefined);
      await publisher.publish(room, 'fresh');
      expectEqual((await slow.event('message')).data, 'fresh', 'the message after it has read all');
    },
  },
];

interface Past {
  readonly slow: Participant;
  readonly publisher: Participant;
  readonly room: string;
  /** Where the slow subscription begins. */
  readonly start: Position;
}

/** Publishes while a subscriber reads nothing, and lets it go on reading afterwards. */
async function publishPastSlow(trial: Trial, namespace: 'every' | 'latest' | 'volatile'): Promise<Past> {
  const [slow, publisher] = [await trial.connect('first'), await trial.connect('second')];
  const room = trial.channel(namespace);
  const { position: start } = await slow.subscribe(room);
  slow.stopReading();
  const inFlight = 100;
  for (let sent = 0; sent < messageCount; sent += inFlight) {
    const numbers = Array.from({ length: inFlight }, (_, index) => sent + index);
    await Promise.all(
      numbers.map((number) => publisher.publish(room, [number, padding], { key: `k${number % keyCount}` })),
    );
  }
  slow.goOnReading();
  return { slow, publisher, room, start };
}

/** Reads until the messages and the counts of what was dropped add up to all there are. */
async function follow(slow: Participant, start: Position, see: (event: Event) => void): Promise<void> {
  let [delivered, dropped] = [0, 0];
  while (delivered + dropped < messageCount) {
    const event = await slow.nextEvent();
    see(event);
    if (event.type === 'message') delivered += 1;
    if (event.type === 'dropped') dropped += event.count;
  }
  expectEqual(delivered + dropped, messageCount, `messages and dropped ones since offset ${start.offset}`);
  expectTrue(dropped > 0, 'messages to be dropped', dropped);
}

function numberIn(data: unknown): number {
  return Array.isArray(data) ? Number(data[0]) : Number.NaN;
}
