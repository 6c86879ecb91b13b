/** What outlives a page: the outbox and positions, of the same user, in the tab's own place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientStorage } from '../src/index.ts';
import { type TextPlace, textStorage } from '../src/storage.ts';
import { Scene } from './scene.ts';

/** A place for a text that outlives pages. */
class Place implements TextPlace {
  text: string | null = null;
  isFull = false;

  read(): string | null {
    return this.text;
  }

  write(text: string): void {
    if (this.isFull) throw new RangeError('Full');
    this.text = text;
  }
}

describe('a storage', () => {
  it('keeps what was published and not confirmed, and sends it once, before what is new', async () => {
    const scene = new Scene();
    const place = new Place();
    const before = scene.client({ storage: storageOf(scene, place) });
    await scene.pass();
    scene.hub.isMute = true;
    for (const data of ['a', 'b', Uint8Array.of(1, 2)]) forget(before.channel('room:a').publish(data));
    await scene.pass(200);
    scene.network.cut();
    scene.hub.isMute = false;

    // The old page is gone: its client is never heard of again, but for what it kept.
    const kept = new Place();
    kept.text = place.text;
    const after = scene.client({ storage: storageOf(scene, kept) });
    const published = after.channel('room:a').publish('c');
    await scene.pass(3_000);
    assert.equal((await published).offset, 4);
    const { log } = scene.hub.channel('room:a');
    assert.deepEqual(
      log.map(({ data }) => data),
      ['a', 'b', Uint8Array.of(1, 2), 'c'],
    );
    await scene.pass(200);
    assert.deepEqual(JSON.parse(kept.text ?? '').publications, []);
  });

  it('goes on where the channels stood', async () => {
    const scene = new Scene();
    const place = new Place();
    const before = scene.client({ storage: storageOf(scene, place) });
    before.channel('room:a').on('message', () => {});
    await scene.pass();
    for (let i = 1; i <= 3; i++) scene.hub.publish('room:a', i);
    await scene.pass(200);
    scene.network.isDown = true;
    scene.network.cut();
    for (let i = 4; i <= 5; i++) scene.hub.publish('room:a', i);
    const text = place.text;
    before.close();

    scene.network.isDown = false;
    place.text = text;
    const heard: unknown[] = [];
    const after = scene.client({ storage: storageOf(scene, place) });
    const stop = after.channel('room:a').on('message', ({ data }) => heard.push(data));
    await scene.pass();
    assert.deepEqual(heard, [4, 5]);

    // Who leaves, and comes back later, begins with what is new.
    stop();
    scene.hub.publish('room:a', 6);
    const later: unknown[] = [];
    after.channel('room:a').on('message', ({ data }) => later.push(data));
    await scene.pass();
    assert.deepEqual(later, []);
  });

  it('gives nothing of one user to another', async () => {
    const scene = new Scene();
    const place = new Place();
    const before = scene.client({ storage: storageOf(scene, place), token: 'ana' });
    before.channel('room:a').on('message', () => {});
    await scene.pass();
    scene.hub.publish('room:a', 1);
    scene.hub.isMute = true;
    forget(before.channel('room:a').publish('of Ana'));
    await scene.pass(200);
    scene.network.isDown = true;
    scene.network.cut();
    scene.hub.channels.clear();
    const text = place.text;
    before.close();

    scene.network.isDown = false;
    scene.hub.isMute = false;
    place.text = text;
    const errors: string[] = [];
    const after = scene.client({ storage: storageOf(scene, place), token: 'bo' });
    after.on('error', ({ code }) => errors.push(code));
    after.channel('room:a').on('message', () => {});
    await scene.pass(500);
    assert.deepEqual(errors, ['identity-changed']);
    assert.equal(scene.hub.channel('room:a').head, 0);
    assert.equal(scene.hub.commandsOf('subscribe').at(-1)?.since, undefined);
  });

  it('writes at once when the page is hidden, and forgets what a closed client refused', async () => {
    const scene = new Scene();
    const place = new Place();
    let hide = (): void => {};
    const client = scene.client({
      storage: storageOf(scene, place),
      lifecycle: {
        watch(listener) {
          hide = () => listener('hide');
          return () => {};
        },
      },
    });
    scene.network.isDown = true;
    const published = client
      .channel('room:a')
      .publish('kept')
      .catch(({ code }) => code);
    assert.equal(place.text, null);
    hide();
    assert.equal(JSON.parse(place.text ?? '').publications.length, 1);
    client.close();
    assert.equal(await published, 'closed');
    assert.deepEqual(JSON.parse(place.text ?? '').publications, []);
  });

  it('lives on where it cannot read or write', async () => {
    const scene = new Scene();
    const place = new Place();
    place.text = 'nonsense';
    place.isFull = true;
    const failures: unknown[] = [];
    const storage = textStorage(place, { clock: scene.clock, failed: (error) => failures.push(error) });
    const client = scene.client({ storage });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const published = client.channel('room:a').publish(1);
    await scene.pass(200);
    assert.equal((await published).offset, 1);
    assert.deepEqual(errors, ['storage-failed']);
    assert.ok(failures[0] instanceof RangeError);
  });

  it('does not read what another version has written', async () => {
    const scene = new Scene();
    const place = new Place();
    place.text = JSON.stringify({ version: 2, publications: 'other' });
    const client = scene.client({ storage: storageOf(scene, place) });
    await scene.pass();
    assert.equal(client.state.status, 'connected');
  });
});

function storageOf(scene: Scene, place: TextPlace): ClientStorage {
  return textStorage(place, { clock: scene.clock });
}

/** The page ends before this does. */
function forget(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
