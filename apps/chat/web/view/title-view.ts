/** The title of the tab: while nobody looks at the page, it counts what has come. */

export class TitleView {
  readonly #title = document.title;
  #unread = 0;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#onVisibilityChange());
  }

  /** So many messages of others were added. */
  added(count: number): void {
    if (document.hidden) this.#show(this.#unread + count);
  }

  #onVisibilityChange(): void {
    if (!document.hidden) this.#show(0);
  }

  #show(unread: number): void {
    this.#unread = unread;
    document.title = unread === 0 ? this.#title : `(${unread}) ${this.#title}`;
  }
}
