/**
 * Sec-WebSocket-Extensions as the plain objects of `ws`, for those who read and write it by the functions that it
 * exports: each extension with its offers, each offer with its parameters, each parameter with its values.
 */

import { type ExtensionElement, parseExtensionList } from '@hawser/websocket/driver';
import { checkListSyntax, extensionListSyntax } from './header-syntax.ts';

/** A parameter's value; true where it has none. */
type ParameterValue = string | number | true;

/** What was parsed: a parameter may come several times. */
export type ParsedParameters = Record<string, (string | true)[]>;

/** What can be formatted. */
export type Parameters = Record<string, ParameterValue | readonly ParameterValue[]>;

/**
 * Reads the header.
 *
 * @throws SyntaxError if it is malformed.
 */
function parse(header: string): Record<string, ParsedParameters[]> {
  checkListSyntax(header, extensionListSyntax);
  const offers: Record<string, ParsedParameters[]> = Object.create(null);
  for (const element of parseExtensionList(header) ?? []) {
    offers[element.name] = [...(offers[element.name] ?? []), parametersOf(element)];
  }
  return offers;
}

/** Writes the header. */
function format(extensions: Record<string, Parameters | readonly Parameters[]>): string {
  return Object.entries(extensions)
    .flatMap(([name, offers]) => [offers].flat().map((offer) => [name, ...parts(offer)].join('; ')))
    .join(', ');
}

/** The functions of the header. */
export const extension: { readonly format: typeof format; readonly parse: typeof parse } = { format, parse };

function parametersOf({ parameters }: ExtensionElement): ParsedParameters {
  const parsed: ParsedParameters = Object.create(null);
  for (const { name, value } of parameters) parsed[name] = [...(parsed[name] ?? []), value ?? true];
  return parsed;
}

function parts(parameters: Parameters): string[] {
  return Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value) => (value === true ? name : `${name}=${value}`)),
  );
}
