/** The state of the connection: in a word at the top, drawn as the rope, and while it is lost with a countdown and a button. */

import { type ConnectionSituation, labelConnection } from '../connection-label.ts';
import type { Schedule } from '../schedule.ts';
import { find, write } from './dom.ts';

export interface StatusViewOptions {
  readonly schedule: Schedule;
  readonly situation: () => ConnectionSituation;
  readonly retry: () => void;
  /** The button to retry has gone while it had the focus, which needs another place. */
  readonly moveFocus: () => void;
}

export class StatusView {
  readonly #options: StatusViewOptions;
  readonly #status = find(document, '#status', HTMLElement);
  readonly #statusText = find(document, '#status-text', HTMLElement);
  readonly #rope = find(document, '#rope', HTMLElement);
  readonly #outage = find(document, '#outage', HTMLElement);
  readonly #outageText = find(document, '#outage-text', HTMLElement);
  readonly #retry = find(document, '#retry', HTMLButtonElement);
  readonly #announcer = find(document, '#announcer', HTMLElement);
  #cancelTick: () => void = () => undefined;

  constructor(options: StatusViewOptions) {
    this.#options = options;
    this.#retry.addEventListener('click', options.retry);
  }

  render(): void {
    const situation = this.#options.situation();
    const { tone, short, long, announcement } = labelConnection(situation);
    this.#status.dataset.tone = tone;
    this.#rope.dataset.tone = tone;
    this.#statusText.textContent = short;
    this.#outageText.textContent = long ?? '';
    this.#showOutage(long !== undefined);
    write(this.#announcer, announcement);
    this.#tick(situation);
  }

  #showOutage(isOut: boolean): void {
    const hadFocus = document.activeElement === this.#retry;
    this.#outage.hidden = !isOut;
    if (hadFocus && !isOut) this.#options.moveFocus();
  }

  /** Counts down, at each full second before the next try. */
  #tick({ state, now }: ConnectionSituation): void {
    this.#cancelTick();
    if (state.phase !== 'waiting') return;
    const untilFullSecond = (state.retryAt - now) % 1_000;
    this.#cancelTick = this.#options.schedule(Math.max(50, untilFullSecond), () => this.render());
  }
}
