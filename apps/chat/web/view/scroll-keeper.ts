/**
 * Where the list of messages is scrolled to. Who is at its end stays there when something comes; who has scrolled up to read
 * stays where he is, and gets a button that says what has come since.
 */

import { countLabel } from '../labels.ts';
import { find } from './dom.ts';

/** So close to the end counts as the end. */
const slackPx = 48;

export class ScrollKeeper {
  readonly #log = find(document, '#log', HTMLElement);
  readonly #list = find(document, '#messages', HTMLElement);
  readonly #jump = find(document, '#jump', HTMLButtonElement);
  readonly #jumpText = find(document, '#jump-text', HTMLElement);
  #atEnd = true;
  #missed = 0;
  /** The height of the view and of what is in it, as they were when the position was last put right. */
  #viewHeight = 0;
  #contentHeight = 0;

  constructor() {
    this.#log.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    this.#jump.addEventListener('click', () => this.#onJump());
    // The list grows, and a keyboard or a longer draft takes away from below.
    const observer = new ResizeObserver(() => this.#settle());
    observer.observe(this.#log);
    observer.observe(this.#list);
  }

  /** So many messages of others were added. */
  added(count: number): void {
    if (this.#atEnd) return this.toEnd();
    this.#missed += count;
    this.#showJump();
  }

  toEnd(): void {
    this.#atEnd = true;
    this.#settle();
    this.#forget();
  }

  #onScroll(): void {
    // Only the reader leaves the end. When the view has changed its size, the observer has yet to follow.
    const { clientHeight, scrollHeight } = this.#log;
    if (clientHeight !== this.#viewHeight || scrollHeight !== this.#contentHeight) return;
    this.#atEnd = scrollHeight - this.#log.scrollTop - clientHeight <= slackPx;
    if (this.#atEnd) this.#forget();
  }

  /** The button goes when it is used, so the focus moves to what it brought into view. */
  #onJump(): void {
    this.toEnd();
    this.#log.focus({ preventScroll: true });
  }

  #settle(): void {
    this.#viewHeight = this.#log.clientHeight;
    this.#contentHeight = this.#log.scrollHeight;
    if (this.#atEnd) this.#log.scrollTop = this.#contentHeight;
  }

  #forget(): void {
    this.#missed = 0;
    this.#showJump();
  }

  #showJump(): void {
    this.#jump.hidden = this.#missed === 0;
    this.#jumpText.textContent = countLabel(this.#missed, 'new message', 'new messages');
  }
}
