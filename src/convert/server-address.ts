import { isLoopback } from '../config/contradictions.ts';
import { placeText } from './convert-error.ts';
import type { Carried, FenixFiles } from './gather.ts';
import type { OsloValue } from './oslo-file.ts';

/** What Fenix takes where nothing is set (facts 7.1). */
export const fenixDefaults: Readonly<Record<string, string>> = {
  'DEFAULT.host': '127.0.0.1',
  'DEFAULT.port': '5000',
};

/** The options that are read here, for those who look for what was not read. */
export const addressOptions: ReadonlySet<string> = new Set(
  ['engine', 'api'].flatMap((kind) => [`${kind} DEFAULT.host`, `${kind} DEFAULT.port`]),
);

export interface ServerAddress {
  readonly carried: readonly Carried[];
  readonly checks: readonly string[];
  /** Do others than this machine reach it? */
  readonly isRemote: boolean;
}

/**
 * Fenix's API binds to the `host` and `port` of its file; the engine makes `reply_url` of those of its own (facts 7.1).
 * With one file only, that one serves for both.
 */
export function serverAddress({ engine, api }: FenixFiles): ServerAddress {
  const bind = { host: read(api ?? engine, 'host'), port: read(api ?? engine, 'port') };
  const reply = { host: read(engine ?? api, 'host'), port: read(engine ?? api, 'port') };
  // An engine without a host would tell VNFMs to reply to their own machine; the address that the API listens on is meant.
  const base = reply.host.isSet || !bind.host.isSet ? reply : bind;
  const carried: Carried[] = [
    { option: 'server.host', value: bind.host.value, comment: bind.host.from },
    { option: 'server.port', value: bind.port.value, comment: bind.port.from },
  ];
  const checks: string[] = [];
  if (isWildcard(base.host.value)) {
    checks.push(
      `set server.public_url to the address under which VNFMs reach this server: ${base.host.from} names every address and none`,
    );
  } else {
    const host = base.host.value.includes(':') ? `[${base.host.value}]` : base.host.value;
    carried.push({
      option: 'server.public_url',
      value: `http://${host}:${base.port.value}`,
      comment: `${base.host.from}, ${base.port.from}: Fenix makes reply_url of them`,
    });
    if (isLoopback(base.host.value)) {
      checks.push(
        `set server.public_url (and server.host) to an address that VNFMs reach: ${base.host.value} is this machine alone`,
      );
    }
  }
  return { carried, checks, isRemote: !isLoopback(bind.host.value) };
}

function read(
  file: FenixFiles['api'],
  key: 'host' | 'port',
): Pick<OsloValue, 'value'> & { from: string; isSet: boolean } {
  const set = file?.get('DEFAULT', key);
  return set === undefined
    ? { value: fenixDefaults[`DEFAULT.${key}`] ?? '', from: `Fenix's default ${key}`, isSet: false }
    : { value: set.value, from: `${placeText(set.place)} [DEFAULT] ${key}`, isSet: true };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
