/**
 * The few web globals that the codec uses. The package compiles with `types: []` and without the DOM, so that it runs in
 * a browser, in Node.js and wherever else there is UTF-8.
 */

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};
