/** What goes wrong in the delivery test: connections are cut, the hub is killed, and one client stands still for a while. */
import { setTimeout as wait } from 'node:timers/promises';
import type { BadLine } from './bad-line.ts';
import type { Chance } from './chance.ts';
import type { HubProcess } from './hub-process.ts';
import type { Participant } from './participant.ts';

export interface TroubleOptions {
  readonly hub: HubProcess;
  readonly lines: readonly BadLine[];
  /** Who freezes. */
  readonly frozen: { readonly participant: Participant; readonly line: BadLine };
  readonly chance: Chance;
  readonly durationMs: number;
}

/** Which part of the time one client stands still, and when that begins. */
const FREEZE_BEGINS = 0.3;
const FREEZE_LASTS = 0.25;
/** How often the hub is killed, on average and but for the freeze. */
const KILLS = 10;
const MAX_MS_BETWEEN_CUTS = 200;

/** All troubles of one test. */
export class Troubles {
  readonly #options: TroubleOptions;
  readonly #endsAt: number;
  #cuts = 0;
  #kills = 0;

  constructor(options: TroubleOptions) {
    this.#options = options;
    this.#endsAt = performance.now() + options.durationMs;
  }

  get cuts(): number {
    return this.#cuts;
  }

  get kills(): number {
    return this.#kills;
  }

  get areOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Makes them; resolves when they are over, the hub runs, and every line is open. */
  async run(): Promise<void> {
    await Promise.all([this.#cutLines(), this.#killHub(), this.#freezeOne()]);
  }

  async #cutLines(): Promise<void> {
    const { lines, chance } = this.#options;
    while (!this.areOver) {
      await wait(chance.between(0, MAX_MS_BETWEEN_CUTS));
      const line = lines[chance.between(0, lines.length)];
      if (line === undefined || line.isFrozen) continue;
      // At once, or in the middle of something.
      const afterBytes = chance.happens(0.5) ? 0 : chance.between(1, 10_000);
      if (line.cut({ afterBytes, withReset: chance.happens(0.5) })) this.#cuts += 1;
    }
  }

  async #killHub(): Promise<void> {
    const { hub, frozen, chance, durationMs } = this.#options;
    for (;;) {
      await wait((2 * chance.fraction() * durationMs) / KILLS);
      if (this.areOver) return;
      // It would end the connection that is to stand still.
      if (frozen.line.isFrozen) continue;
      await hub.kill();
      this.#kills += 1;
      await wait(chance.between(0, 1_000));
      await hub.start();
    }
  }

  async #freezeOne(): Promise<void> {
    const { hub, frozen, durationMs } = this.#options;
    await wait(FREEZE_BEGINS * durationMs);
    while (!hub.isRunning || !frozen.participant.isListening) await wait(10);
    frozen.line.freeze();
    await wait(FREEZE_LASTS * durationMs);
    // Until the hub has felt it in every channel: what it holds for one client is bounded, and so it has stopped to push.
    while ((await hub.countBehind()) < frozen.participant.channels.length) {
      if (this.areOver) throw new Error('Expected a hub that stops to push to a client that does not read');
      await wait(100);
    }
    frozen.line.thaw();
  }
}
