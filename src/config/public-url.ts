import type { Config } from './schema.ts';

/**
 * How clients reach the server, without `/v1` and without a slash at the end. `boundPort` is the port that is really
 * listened on, which differs from `server.port` where that is 0.
 */
export function publicUrl({ publicUrl: configured, host }: Config['server'], boundPort: number): string {
  return configured ?? `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
}
