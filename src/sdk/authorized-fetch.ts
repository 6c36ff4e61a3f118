/** `fetch` with a Keystone token: adds it, renews it once when it is refused, and bears a short absence of the server. */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * A fixed token, or what gives one. After a 401 it is called with the token that was refused, and should then give
 * another one; `createKeystoneTokens().token` does. Undefined for a server with `auth: none`.
 */
export type TokenSource = string | ((refused?: string) => Promise<string>) | undefined;

export interface AuthorizedFetchOptions {
  readonly token: TokenSource;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /**
   * How often a request that may be repeated (GET, PUT, DELETE) is made while the server is away or answers 502, 503 or
   * 504, or lets a request wait. Pauses grow from 0.25 s to 4 s; the default of 8 bears an absence of 15 s, enough for a restart.
   */
  readonly attempts?: number;
  /** How long one request may take, below the shortest reply window of 40 s: a lost answer must not cost it. Seconds, default 15. */
  readonly timeoutSeconds?: number;
  /** Ends waiting and requests under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Like `fetch`. Redirects are not followed: they could carry the token to somebody else. */
export type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const repeatable = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const away = new Set([502, 503, 504]);
const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 4000;
const defaultAttempts = 8;

/** Makes such a `fetch`. It rejects as `fetch` does, and with whatever the token source throws. */
export function createAuthorizedFetch(options: AuthorizedFetchOptions): AuthorizedFetch {
  const {
    token: source,
    fetch: send = (request: Request) => fetch(request),
    attempts = defaultAttempts,
    timeoutSeconds = 15,
    signal,
  } = options;

  async function withToken(request: Request): Promise<Response> {
    const token = typeof source === 'function' ? await source() : source;
    const first = await send(copyOf(request, token, timeoutSeconds));
    if (first.status !== 401 || typeof source !== 'function') return first;
    const renewed = await source(token);
    if (renewed === token) return first;
    await first.body?.cancel();
    return send(copyOf(request, renewed, timeoutSeconds));
  }

  async function once(request: Request): Promise<Response | Error> {
    try {
      return await withToken(request);
    } catch (error) {
      // fetch tells of a failed connection by a TypeError; anything else but a time-out will not pass by itself.
      const passing = error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
      if (passing && !request.signal.aborted) return error;
      throw error;
    }
  }

  return async (input, init) => {
    const request = new Request(input, {
      ...init,
      redirect: 'manual',
      ...combined(input, init, signal),
    });
    const most = repeatable.has(request.method) ? attempts : 1;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await once(request);
      if (answer instanceof Response && !away.has(answer.status)) return answer;
      if (attempt >= most) {
        if (answer instanceof Response) return answer;
        throw answer;
      }
      if (answer instanceof Response) await answer.body?.cancel();
      const milliseconds = Math.min(firstPauseMilliseconds * 2 ** (attempt - 1), longestPauseMilliseconds);
      await pause(milliseconds, undefined, { signal: request.signal });
    }
  };
}

/** A copy, since the body of a request can be sent once only, with a token and a time limit of its own. */
function copyOf(request: Request, token: string | undefined, timeoutSeconds: number): Request {
  const limit = AbortSignal.timeout(timeoutSeconds * 1000);
  const copy = new Request(request.clone(), { signal: AbortSignal.any([request.signal, limit]) });
  if (token !== undefined) copy.headers.set('X-Auth-Token', token);
  return copy;
}

function combined(
  input: string | URL | Request,
  init: RequestInit | undefined,
  signal: AbortSignal | undefined,
): { signal?: AbortSignal } {
  const own = init?.signal ?? (input instanceof Request ? input.signal : undefined);
  const signals = [own, signal].filter((candidate) => candidate !== undefined);
  return signals.length > 0 ? { signal: AbortSignal.any(signals) } : {};
}
