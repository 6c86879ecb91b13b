/**
 * The name: asked for before anything else, shown beside the message box, and changed there. While there is none, the
 * conversation stays hidden.
 */

import type { Chat } from '../chat.ts';
import { find } from './dom.ts';

export interface NameViewOptions {
  readonly chat: Chat;
  /** The name is settled, and the conversation can go on. */
  readonly done: () => void;
}

export class NameView {
  readonly #chat: Chat;
  readonly #done: () => void;
  readonly #welcome = find(document, '#welcome', HTMLElement);
  readonly #conversation = find(document, '#conversation', HTMLElement);
  readonly #ownName = find(document, '#own-name', HTMLElement);
  readonly #renameButton = find(document, '#rename', HTMLButtonElement);
  readonly #first = new NameForm('#name-form', '#name', '#name-problem');
  readonly #rename = new NameForm('#rename-form', '#new-name', '#new-name-problem');

  constructor({ chat, done }: NameViewOptions) {
    this.#chat = chat;
    this.#done = done;
    this.#first.onSubmit((typed) => this.#submit(this.#first, typed));
    this.#rename.onSubmit((typed) => this.#submit(this.#rename, typed));
    this.#renameButton.addEventListener('click', () => this.#openRename());
    find(document, '#rename-cancel', HTMLButtonElement).addEventListener('click', () => this.#closeRename());
    this.#rename.form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#closeRename();
    });
  }

  render(): void {
    const { name, nameProblem } = this.#chat;
    const wasNamed = !this.#conversation.hidden;
    this.#welcome.hidden = name !== undefined;
    this.#conversation.hidden = name === undefined;
    this.#ownName.textContent = name ?? '';
    if (name === undefined) return this.#askFirst(nameProblem);
    if (nameProblem !== undefined) return this.#openRename(nameProblem);
    if (!wasNamed) this.#done();
  }

  #askFirst(problem: string | undefined): void {
    this.#first.open(this.#first.typed, problem);
  }

  #openRename(problem?: string): void {
    this.#renameButton.hidden = true;
    const name = problem === undefined ? (this.#chat.name ?? '') : this.#rename.typed;
    this.#rename.open(name, problem);
  }

  #closeRename(): void {
    this.#renameButton.hidden = false;
    this.#rename.close();
    this.#done();
  }

  #submit(form: NameForm, typed: string): void {
    const checked = this.#chat.setName(typed);
    if (!checked.ok) return form.open(typed, checked.reason);
    if (form === this.#rename) this.#closeRename();
  }
}

/** A form with a name in it and what is wrong with that below. */
class NameForm {
  readonly form: HTMLFormElement;
  readonly #field: HTMLInputElement;
  readonly #problem: HTMLElement;

  constructor(form: string, field: string, problem: string) {
    this.form = find(document, form, HTMLFormElement);
    this.#field = find(document, field, HTMLInputElement);
    this.#problem = find(document, problem, HTMLElement);
  }

  get typed(): string {
    return this.#field.value;
  }

  onSubmit(submit: (typed: string) => void): void {
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      submit(this.#field.value);
    });
  }

  open(typed: string, problem: string | undefined): void {
    this.form.hidden = false;
    this.#field.value = typed;
    this.#problem.textContent = problem ?? '';
    this.#field.setAttribute('aria-invalid', String(problem !== undefined));
    this.#field.focus();
    this.#field.select();
  }

  close(): void {
    this.form.hidden = true;
    this.#problem.textContent = '';
  }
}
