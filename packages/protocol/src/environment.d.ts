/**
 * The few web globals that the engine may use. The package compiles with `types: []` and without the DOM,
 * so whatever is not declared here (sockets, timers, clocks, randomness) does not exist for it.
 */

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}
type WebAssemblyExport = WebAssemblyMemory | ((...values: readonly number[]) => void);
declare const WebAssembly: {
  readonly Module: { new (bytes: Uint8Array<ArrayBuffer>): object };
  readonly Instance: {
    new (module: object): { readonly exports: Readonly<Record<string, WebAssemblyExport | undefined>> };
  };
  readonly Memory: { new (limits: { initial: number }): WebAssemblyMemory };
};
