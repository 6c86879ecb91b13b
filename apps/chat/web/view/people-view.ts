/** Who is here: a column beside the conversation, or on a narrow screen a panel behind a button that shows how many. */

import type { Person } from '../../contract/messages.ts';
import { countLabel } from '../labels.ts';
import { paintAvatar } from './avatar.ts';
import { find, stamp } from './dom.ts';

export class PeopleView {
  readonly #panel = find(document, '#people', HTMLElement);
  readonly #list = find(document, '#people-list', HTMLUListElement);
  readonly #count = find(document, '#people-count', HTMLElement);
  readonly #toggle = find(document, '#people-toggle', HTMLButtonElement);
  readonly #toggleCount = find(document, '#people-toggle-count', HTMLElement);
  readonly #title = find(document, '#people-title', HTMLElement);

  constructor() {
    this.#toggle.addEventListener('click', () => this.#open(!this.#isOpen));
    // A panel over the conversation goes when the conversation is turned to.
    find(document, 'main', HTMLElement).addEventListener('pointerdown', () => this.#open(false));
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#isOpen) return;
      this.#open(false);
      this.#toggle.focus();
    });
  }

  /** Without a connection nobody knows who is here, so the list says that it is from before. */
  render(people: readonly Person[], you: string | undefined, connected: boolean): void {
    const isKnown = people.length > 0;
    this.#panel.hidden = !isKnown;
    this.#toggle.hidden = !isKnown;
    this.#panel.classList.toggle('stale', !connected);
    this.#title.textContent = connected ? 'Here now' : 'Last seen here';
    this.#count.textContent = String(people.length);
    this.#toggleCount.textContent = String(people.length);
    this.#toggle.setAttribute('aria-label', `${countLabel(people.length, 'person', 'people')} here`);
    const items = [...people].sort(byName(you)).map((person) => personItem(person, person.id === you));
    this.#list.replaceChildren(...items);
  }

  get #isOpen(): boolean {
    return this.#toggle.getAttribute('aria-expanded') === 'true';
  }

  #open(isOpen: boolean): void {
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    this.#panel.classList.toggle('open', isOpen);
  }
}

function personItem(person: Person, isYou: boolean): HTMLLIElement {
  const item = stamp('#person-template', HTMLLIElement);
  paintAvatar(find(item, '.avatar', HTMLElement), person);
  find(item, '.person-name', HTMLElement).textContent = person.name;
  find(item, '.person-you', HTMLElement).hidden = !isYou;
  return item;
}

/** You first, then by the alphabet. */
function byName(you: string | undefined): (one: Person, other: Person) => number {
  return (one, other) =>
    Number(other.id === you) - Number(one.id === you) || one.name.localeCompare(other.name);
}
