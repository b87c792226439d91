/** The parts we use of npm `ipp-encoder` 5.0.0, which has no types. It is written for well-formed bytes alone: see `isWellFormed` in ipp.ts. */
declare module 'ipp-encoder' {
  export type IppValue = string | number | boolean | Date | { readonly lang: string; readonly value: string };
  export type IppAttribute = { readonly tag: number; readonly name: string; readonly value: IppValue | readonly IppValue[] };
  export type IppGroup = { readonly tag: number; readonly attributes: readonly IppAttribute[] };
  export type IppMessage = {
    readonly version: { readonly major: number; readonly minor: number };
    readonly requestId: number;
    readonly groups: readonly IppGroup[];
  };
  type Message = IppMessage & { readonly operationId: number };
  /** Of responses too: the status stands where a request has its operation. */
  export const request: {
    readonly decode: ((bytes: Buffer) => Message) & { readonly bytes: number };
    readonly encode: (message: Message, into: Buffer) => Buffer;
    readonly encodingLength: (message: Message) => number;
  };
}
