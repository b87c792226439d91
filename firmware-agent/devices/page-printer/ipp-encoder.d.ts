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
  type Request = IppMessage & { readonly operationId: number };
  type Response = IppMessage & { readonly statusCode: number };
  type Coder<M> = {
    readonly decode: ((bytes: Buffer) => M) & { readonly bytes: number };
    readonly encode: (message: M, into: Buffer) => Buffer;
    readonly encodingLength: (message: M) => number;
  };
  const ipp: { readonly request: Coder<Request>; readonly response: Coder<Response> };
  export default ipp;
}
