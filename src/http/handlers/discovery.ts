import type { Handlers } from '../handler.ts';

/** What this server is. `publicUrl` is its base without `/v1`. */
export function discoveryHandlers(
  publicUrl: string,
): Pick<Handlers, 'getVersions' | 'getVersion' | 'getHealth'> {
  const href = `${publicUrl}/v1`;
  const body = {
    versions: [{ id: 'v1.0', status: 'CURRENT' as const, links: [{ href, rel: 'self' as const }] }],
  };
  return {
    getVersions: () => ({ status: 300, body }),
    getVersion: () => ({ status: 200, body }),
    getHealth: () => ({ status: 200, body: { status: 'ok' } }),
  };
}
