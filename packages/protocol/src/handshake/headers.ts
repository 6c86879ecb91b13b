/**
 * Header fields of the opening handshake: a case-insensitive multimap, and the grammars of the Sec-WebSocket-*
 * fields (RFC 6455 §4.3, §9.1; tokens and quoted strings of RFC 9110 §5.6). One tokenizer reads them all, in one
 * pass without backtracking. `undefined` means that the text does not follow the grammar.
 */

/** One extension with its parameters, as offered or accepted (RFC 6455 §9.1). */
export interface ExtensionElement {
  readonly name: string;
  /** In order; a parameter may come twice. The value is undefined where there is none. */
  readonly parameters: readonly ExtensionParameter[];
}

/** A parameter of an extension. */
export interface ExtensionParameter {
  readonly name: string;
  readonly value: string | undefined;
}

/** Neither a name nor a value can hold it. */
const SEPARATOR = '\n';

const noFields: readonly (readonly [name: string, value: string])[] = [];

/**
 * Header fields: names are case-insensitive and may come several times. They are looked for from front to back: a
 * request lives as long as its connection, and an index would be larger than what it finds.
 */
export class HttpHeaders implements Iterable<readonly [name: string, value: string]> {
  /** Names, each followed by its value; or, packed, the same as one string, a line each. */
  #fields: string[] | string = [];

  /** @param fields Names with their values, in order. Values that no header can have throw a TypeError. */
  constructor(fields: Iterable<readonly [name: string, value: string]> = noFields) {
    if (fields !== noFields) for (const [name, value] of fields) this.append(name, value);
  }

  /** Headers of our own making: names, each followed by its value, all of which are known to be valid. @internal */
  static ofValid(fields: string[]): HttpHeaders {
    const headers = new HttpHeaders();
    headers.#fields = fields;
    return headers;
  }

  /**
   * Adds a field.
   *
   * @throws TypeError if the name is no token or the value holds a control character (RFC 9110 §5.5).
   */
  append(name: string, value: string): void {
    if (this.tryAppend(name, value)) return;
    throw isToken(name)
      ? new TypeError(`Expected the value of header ${name} without control characters`)
      : new TypeError(`Expected a header name to be a token, received ${JSON.stringify(name)}`);
  }

  /** Adds a field if its name is a token and its value one that a field can have. */
  tryAppend(name: string, value: string): boolean {
    if (!isToken(name) || !isFieldValue(value)) return false;
    const fields = this.#all();
    fields.push(name, value);
    this.#fields = fields;
    return true;
  }

  /** Keeps the fields as one string: a request lives as long as its connection, and is seldom asked again. */
  pack(): void {
    this.#fields = this.#all().join(SEPARATOR);
  }

  /**
   * Adds a field of the caller's to those that the handshake sets itself.
   *
   * @throws TypeError if it is one of `reserved`, in lower case, which only the handshake may set.
   */
  appendForeign(name: string, value: string, reserved: ReadonlySet<string>): void {
    if (reserved.has(name.toLowerCase())) {
      throw new TypeError(`Expected a header that the handshake does not set itself, received ${name}`);
    }
    this.append(name, value);
  }

  /** The field's value; several fields are joined by a comma (RFC 9110 §5.2). */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    const fields = this.#all();
    let joined: string | undefined;
    for (let i = 0; i < fields.length; i += 2) {
      if (!isNamed(fields[i], key)) continue;
      const value = fields[i + 1] ?? '';
      joined = joined === undefined ? value : `${joined}, ${value}`;
    }
    return joined;
  }

  /** The field's values, one for each time that it stands there. */
  getAll(name: string): readonly string[] {
    const key = name.toLowerCase();
    const fields = this.#all();
    const values: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      if (isNamed(fields[i], key)) values.push(fields[i + 1] ?? '');
    }
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** The fields as they stand in a message (RFC 9112 §5), a line each. */
  format(): string {
    const fields = this.#all();
    let text = '';
    for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
    return text;
  }

  /** The fields with their names as they were written, in order. */
  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    const fields = this.#all();
    for (let i = 0; i < fields.length; i += 2) yield [fields[i] ?? '', fields[i + 1] ?? ''];
  }

  #all(): string[] {
    if (typeof this.#fields !== 'string') return this.#fields;
    return this.#fields === '' ? [] : this.#fields.split(SEPARATOR);
  }
}

function isNamed(fieldName: string | undefined, key: string): boolean {
  return fieldName?.length === key.length && fieldName.toLowerCase() === key;
}

/** Whether the text is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

/** Whether the text can be a field's value: visible characters, spaces and tabs (RFC 9110 §5.5). */
function isFieldValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** Reads `#token` (RFC 9110 §5.6.1): a list of at least one token. */
export function parseTokenList(text: string): string[] | undefined {
  const scanner = new Scanner(text);
  return scanner.readList(() => scanner.readToken());
}

/** Reads Sec-WebSocket-Extensions (RFC 6455 §9.1). */
export function parseExtensionList(text: string): ExtensionElement[] | undefined {
  const scanner = new Scanner(text);
  return scanner.readList(() => readExtension(scanner));
}

/** Writes Sec-WebSocket-Extensions (RFC 6455 §9.1). */
export function formatExtensionList(extensions: readonly ExtensionElement[]): string {
  return extensions.map(formatExtension).join(', ');
}

function formatExtension({ name, parameters }: ExtensionElement): string {
  const parts = parameters.map((parameter) =>
    parameter.value === undefined ? parameter.name : `${parameter.name}=${parameter.value}`,
  );
  return [name, ...parts].join('; ');
}

function readExtension(scanner: Scanner): ExtensionElement | undefined {
  const name = scanner.readToken();
  if (name === undefined) return undefined;
  const parameters: ExtensionParameter[] = [];
  while (scanner.skip(';')) {
    const parameter = readParameter(scanner);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
  }
  return { name, parameters };
}

function readParameter(scanner: Scanner): ExtensionParameter | undefined {
  const name = scanner.readToken();
  if (name === undefined) return undefined;
  if (!scanner.skip('=')) return { name, value: undefined };
  const value = scanner.readToken() ?? scanner.readQuotedString();
  // RFC 6455 §9.1: a quoted value must be a token once it is unquoted.
  return value !== undefined && isToken(value) ? { name, value } : undefined;
}

/** Walks over a header's text once, from left to right. White space between the parts is skipped. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads elements between commas up to the end; empty elements are allowed (RFC 9110 §5.6.1.2), an empty list not. */
  readList<Element>(readElement: () => Element | undefined): Element[] | undefined {
    const elements: Element[] = [];
    do {
      this.#skipSpace();
      if (this.#atEnd || this.#text[this.#position] === ',') continue;
      const element = readElement();
      if (element === undefined) return undefined;
      elements.push(element);
    } while (this.skip(','));
    return this.#atEnd && elements.length > 0 ? elements : undefined;
  }

  readToken(): string | undefined {
    this.#skipSpace();
    return this.#match(/[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y);
  }

  /** Reads a quoted string (RFC 9110 §5.6.4) and returns what it stands for. */
  readQuotedString(): string | undefined {
    this.#skipSpace();
    const quoted = this.#match(/"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"/y);
    return quoted?.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  /** Skips one character if it comes next. */
  skip(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  get #atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  #skipSpace(): void {
    while (this.#text[this.#position] === ' ' || this.#text[this.#position] === '\t') this.#position += 1;
  }

  /** Matches a sticky pattern at the position. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text)?.[0];
    this.#position += match?.length ?? 0;
    return match;
  }
}
