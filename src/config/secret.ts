import { inspect } from 'node:util';

/** A value that must not be shown: printing, logging or serialising it gives the text in its place. */
export class Secret {
  readonly #value: string;
  readonly #shown: string;

  /** `shown` is what people get to see. */
  constructor(value: string, shown = '[redacted]') {
    this.#value = value;
    this.#shown = shown;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }

  [inspect.custom](): string {
    return this.#shown;
  }
}

/** A URL that may hold a password. What is shown has neither user nor password nor query. */
export function secretUrl(url: string): Secret {
  return new Secret(url, urlWithoutSecrets(url));
}

/**
 * A URL as it may be shown: without user, password and query.
 *
 * Cuts by the last `@`, since an unescaped `/`, `,` or `@` in a password would mislead a proper parser into showing a
 * part of it; shows next to nothing where a query may begin inside the password.
 */
export function urlWithoutSecrets(url: string): string {
  const [scheme] = /^[a-z][a-z0-9+.-]*:/i.exec(url) ?? [];
  if (scheme === undefined) return '[redacted]';
  const at = url.lastIndexOf('@');
  const query = url.indexOf('?');
  if (at < 0) return query < 0 ? url : url.slice(0, query);
  if (query >= 0 && query < at) return `${scheme}//[redacted]`;
  return `${scheme}//[redacted]@${url.slice(at + 1, query < 0 ? undefined : query)}`;
}
