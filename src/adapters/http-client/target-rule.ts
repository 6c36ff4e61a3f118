import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { fnmatch } from '../../domain/fnmatch.ts';

/** A target that may not be reached; found out only once its name was resolved. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

/** The part of `dns.lookup` that is used. */
export type ResolveAll = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemResolve: ResolveAll = (hostname, callback) => {
  dnsLookup(hostname, { all: true }, callback);
};

/**
 * Link-local addresses, where clouds keep the metadata of the machine that we run on, and the IPv6 forms of them. A
 * project that could make us go there would reach what it must not.
 */
const neverReached = makeBlockList([
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  // The same IPv4 range as a NAT64 gateway writes it.
  '64:ff9b::a9fe:0/112',
]);

/**
 * Where we may be sent by others, to post alarms or to fetch packages: any http or https target outside the refused
 * addresses, or, with an allow list, only what is on it. The list has host names (with fnmatch patterns, `*.example.org`), addresses and networks
 * (`10.0.0.0/8`); it does not open the refused addresses.
 */
export class TargetRule {
  readonly #namePatterns: readonly string[];
  readonly #networks: BlockList;
  readonly #hasList: boolean;
  readonly #resolve: ResolveAll;
  readonly #doing: string;

  /**
   * @param doing what is refused, for messages
   * @throws RangeError when an entry looks like a network and is none.
   */
  constructor(allowed: readonly string[] = [], resolve: ResolveAll = systemResolve, doing = 'posting to') {
    const isNetwork = (entry: string): boolean => entry.includes('/') || isIP(entry) !== 0;
    this.#namePatterns = allowed.filter((entry) => !isNetwork(entry)).map((entry) => entry.toLowerCase());
    this.#networks = makeBlockList(allowed.filter(isNetwork));
    this.#hasList = allowed.length > 0;
    this.#resolve = resolve;
    this.#doing = doing;
  }

  /** Why this URL may not be reached, as far as can be told without resolving a name; undefined if it may. */
  refusal(target: string): string | undefined {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    if (url === undefined) return `"${target}" is not a URL`;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      return `the scheme ${url.protocol}// is not supported: use http:// or https://`;
    }
    const host = hostOf(url);
    if (isIP(host) !== 0) {
      return this.#allowsAddress(host, host)
        ? undefined
        : `${this.#doing} ${host} is not allowed on this site`;
    }
    const mayBeAllowed = !this.#hasList || this.#allowsName(host) || this.#networks.rules.length > 0;
    return mayBeAllowed ? undefined : `${this.#doing} ${host} is not allowed on this site`;
  }

  /**
   * For `connect.lookup`: resolves a name and gives only the addresses that may be reached, so that the check and the
   * connection cannot see different answers of the name service.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolve(hostname, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const wanted = addresses.filter(
        ({ family }) => !options.family || options.family === family || options.family === `IPv${family}`,
      );
      const allowed = wanted.filter(({ address }) => this.#allowsAddress(hostname, address));
      const [first] = allowed;
      if (first === undefined) {
        const found = addresses.map(({ address }) => address).join(', ');
        callback(
          new TargetRefused(`${hostname} is ${found}, and ${this.#doing} that is not allowed on this site`),
          '',
        );
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };

  #allowsName(host: string): boolean {
    return this.#namePatterns.some((pattern) => fnmatch(pattern, host.toLowerCase()));
  }

  #allowsAddress(host: string, address: string): boolean {
    if (contains(neverReached, address)) return false;
    return !this.#hasList || this.#allowsName(host) || contains(this.#networks, address);
  }
}

/** The host of a URL without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function makeBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix);
    if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 6 ? 128 : 32)) {
      throw new RangeError(`"${entry}" is neither an address nor a network such as 10.0.0.0/8`);
    }
    list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
