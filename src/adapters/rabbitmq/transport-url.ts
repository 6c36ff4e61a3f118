/** One broker of a cluster. */
export interface TransportHost {
  readonly hostname: string;
  /** Absent: the port of the protocol. */
  readonly port?: number;
  readonly username: string;
  readonly password: string;
}

/** A `transport_url` of oslo.messaging, taken apart. */
export interface TransportUrl {
  readonly hosts: readonly TransportHost[];
  readonly virtualHost: string;
  readonly tls: boolean;
  /** Paths of PEM files from the query of the URL, as oslo names them. */
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** The URL cannot be used; the message does not show it, for it holds passwords. */
export class TransportUrlInvalid extends Error {
  override readonly name = 'TransportUrlInvalid';
}

const form = /^([a-z]+)(\+ssl)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const truths = ['1', 't', 'true', 'on', 'y', 'yes'];

/**
 * Reads `rabbit://user:password@host:port,user:password@host:port/vhost?ssl=1`, the form that all OpenStack services
 * share. Users, passwords and the virtual host are percent-encoded; a host without a user takes the one before it, or
 * guest. TLS by `ssl=1` in the query, as oslo has it, or by the scheme `rabbit+ssl`.
 * @throws TransportUrlInvalid
 */
export function parseTransportUrl(text: string): TransportUrl {
  const match = form.exec(text);
  const [, scheme = '', ssl, netloc = '', path = '', query = ''] = match ?? [];
  if (match === null) {
    throw new TransportUrlInvalid('the transport URL must look like rabbit://user:password@host:5672/vhost');
  }
  if (scheme !== 'rabbit') {
    throw new TransportUrlInvalid(`the transport URL begins with ${scheme}://; only rabbit:// is supported`);
  }
  const hosts: TransportHost[] = [];
  for (const part of netloc.split(',').filter((host) => host !== '')) {
    hosts.push(parseHost(part, hosts.at(-1)));
  }
  if (hosts.length === 0) throw new TransportUrlInvalid('the transport URL names no host');
  const parameters = new URLSearchParams(query);
  const file = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const [caFile, certificateFile, keyFile] = ['ssl_ca_file', 'ssl_cert_file', 'ssl_key_file'].map(file);
  return {
    hosts,
    virtualHost: decode(path, 'virtual host') || '/',
    tls: ssl !== undefined || truths.includes((parameters.get('ssl') ?? '').toLowerCase()),
    ...(caFile === undefined ? {} : { caFile }),
    ...(certificateFile === undefined ? {} : { certificateFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

function parseHost(part: string, previous: TransportHost | undefined): TransportHost {
  const at = part.lastIndexOf('@');
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d*))?$/.exec(part.slice(at + 1));
  const hostname = match?.[1] ?? match?.[2];
  if (hostname === undefined)
    throw new TransportUrlInvalid('a host of the transport URL is not host or host:port');
  const port = match?.[3] === undefined || match[3] === '' ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw new TransportUrlInvalid(`the transport URL has no valid port for ${hostname}`);
  }
  return { hostname, ...(port === undefined ? {} : { port }), ...credentials(part, at, previous) };
}

function credentials(
  part: string,
  at: number,
  previous: TransportHost | undefined,
): Pick<TransportHost, 'username' | 'password'> {
  if (at < 0) return { username: previous?.username ?? 'guest', password: previous?.password ?? 'guest' };
  const [username = '', ...password] = part.slice(0, at).split(':');
  return { username: decode(username, 'user'), password: decode(password.join(':'), 'password') };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new TransportUrlInvalid(`the ${what} in the transport URL is not percent-encoded correctly`, {
      cause: error,
    });
  }
}
