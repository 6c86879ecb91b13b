/**
 * The message box. Enter sends, except while an input method is composing; the box grows with what is typed; a draft outlives
 * a reload. What cannot be sent stays in the box, with the reason under it.
 */

import { assertNever } from '../../contract/assert-never.ts';
import { maxTextLength } from '../../contract/limits.ts';
import type { SendResult } from '../chat.ts';
import { countLabel } from '../labels.ts';
import type { TextStorage } from '../storage.ts';
import { find } from './dom.ts';

export interface ComposerOptions {
  readonly drafts: TextStorage;
  readonly send: (text: string) => SendResult;
}

/** The count of characters appears when so few are left. */
const countFrom = 1_000;

const draftKey = 'hawser.draft';

export class ComposerView {
  readonly #options: ComposerOptions;
  readonly #form = find(document, '#composer', HTMLFormElement);
  readonly #field = find(document, '#message', HTMLTextAreaElement);
  readonly #count = find(document, '#composer-count', HTMLElement);
  readonly #problem = find(document, '#composer-problem', HTMLElement);

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#field.value = options.drafts.read(draftKey) ?? '';
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('keydown', (event) => this.#onKey(event));
    this.#field.addEventListener('input', () => this.#onInput());
    this.#refresh();
  }

  focus(): void {
    this.#field.focus();
  }

  #onKey(event: KeyboardEvent): void {
    // Safari ends the composition before the key that ended it; 229 is what that key says then.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || composing) return;
    event.preventDefault();
    this.#submit();
  }

  #onInput(): void {
    this.#showProblem('');
    this.#options.drafts.write(draftKey, this.#field.value);
    this.#refresh();
  }

  #submit(): void {
    const result = this.#options.send(this.#field.value);
    if (!result.ok) return this.#showProblem(problemLabel(result.problem));
    this.#field.value = '';
    this.#onInput();
    this.#field.focus();
  }

  #refresh(): void {
    this.#form.classList.toggle('blank', this.#field.value.trim() === '');
    this.#count.textContent = remainingLabel(maxTextLength - this.#field.value.length);
    // To measure what the text needs the box has to be small first.
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight + this.#field.offsetHeight - this.#field.clientHeight}px`;
  }

  #showProblem(problem: string): void {
    this.#problem.textContent = problem;
    if (problem === '') this.#field.removeAttribute('aria-invalid');
    else this.#field.setAttribute('aria-invalid', 'true');
  }
}

function remainingLabel(remaining: number): string {
  if (remaining > countFrom) return '';
  if (remaining >= 0) return `${countLabel(remaining, 'character', 'characters')} left`;
  return `${countLabel(-remaining, 'character', 'characters')} too many`;
}

function problemLabel(problem: 'empty' | 'too-long' | 'outbox-full'): string {
  switch (problem) {
    case 'empty':
      // Nothing was asked for, so nothing is wrong.
      return '';
    case 'too-long':
      return `This is too long to send. A message has at most ${maxTextLength.toLocaleString('en')} characters.`;
    case 'outbox-full':
      return 'Too much is waiting to be sent. This message stays here until the connection is back.';
    default:
      return assertNever(problem);
  }
}
