import type { IncomingHttpHeaders } from 'node:http';

/** What a handler answers with. */
export type Reply = {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Method = 'GET' | 'POST';

/** What is known of a request before its body is read. */
export type VisitHead = {
  readonly method: Method;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Address of the other end, an IPv4 one written as such. */
  readonly address: string;
  /** 32 bytes exported from this TLS connection (RFC 9266), to which a proof can be bound. */
  readonly channel: () => Uint8Array<ArrayBuffer>;
  /** Aborts when the other end has hung up or the door is closing. */
  readonly gone: AbortSignal;
};
export type Visit = VisitHead & { readonly body: Uint8Array<ArrayBuffer> };

export type Route = {
  readonly method: Method;
  /** `/R/:code`: a segment with a colon is handed over, decoded, in `params`. */
  readonly path: string;
  /** Longest body taken; absent means that none is. */
  readonly bodyBytesMax?: number;
  /** Asked before the body is read; a reply turns the visit away. */
  readonly admit?: (head: VisitHead) => Reply | undefined;
  readonly handle: (visit: Visit) => Reply | Promise<Reply>;
};

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly Method[] }
  | { readonly kind: 'none' };

/** Finds the route of a path: the first that fits, in the order given. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const fits = routes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params === undefined ? [] : [{ route, params }];
  });
  const found = fits.find((fit) => fit.route.method === method);
  if (found !== undefined) return { kind: 'found', ...found };
  return fits.length === 0 ? { kind: 'none' } : { kind: 'wrong-method', allowed: [...new Set(fits.map((fit) => fit.route.method))] };
}

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    const text = given[i] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== text) return undefined;
      continue;
    }
    const value = decoded(text);
    if (value === undefined || value === '') return undefined;
    params[segment.slice(1)] = value;
  }
  return params;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function textReply(status: number, body: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', body };
}

export function htmlReply(status: number, body: string): Reply {
  return { status, type: 'text/html; charset=utf-8', body };
}

/** Sums go out as strings of paise. */
export function jsonReply(status: number, value: unknown): Reply {
  const body = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
  return { status, type: 'application/json', body };
}

export function cborReply(status: number, body: Uint8Array): Reply {
  return { status, type: 'application/cbor', body };
}
