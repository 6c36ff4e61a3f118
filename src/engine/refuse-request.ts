/** What is refused of a session, and of a plan for one, before there is any. */
import type { Logger } from 'pino';
import type { SessionRequest } from '../domain/session.ts';
import { DownloadRefused, UnknownHosts, UnknownPlugin } from './maintenance-service.ts';
import type { ActionPlugins, Clock, Cloud, Downloads } from './ports.ts';

/** How long a client that opens a session waits for the cloud's word on the names of hosts. */
const hostNamesMilliseconds = 5_000;

/** @throws DownloadRefused */
export function refuseDownloads(
  { downloads }: { readonly downloads: Downloads },
  { downloads: wanted = [] }: SessionRequest,
): void {
  for (const [index, download] of wanted.entries()) {
    const reason = downloads.refusal(download);
    if (reason !== undefined) throw new DownloadRefused(index, reason);
  }
}

/**
 * Refuses hosts that the cloud does not know. A cloud that does not answer at once is no reason to refuse: the session finds
 * out by itself when it looks.
 * @throws UnknownHosts
 */
export async function refuseUnknownHosts(
  { cloud, clock, logger }: { readonly cloud: Cloud; readonly clock: Clock; readonly logger: Logger },
  { hosts }: SessionRequest,
): Promise<void> {
  if (hosts.length === 0) return;
  const known = await hostNames(cloud, clock, logger);
  if (known === undefined) return;
  const unknown = hosts.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new UnknownHosts(unknown);
}

async function hostNames(
  cloud: Cloud,
  clock: Clock,
  logger: Logger,
): Promise<ReadonlySet<string> | undefined> {
  const limit = new AbortController();
  const cancel = clock.at(clock.now() + hostNamesMilliseconds, () =>
    limit.abort(new Error('the cloud did not answer in time')),
  );
  try {
    return new Set(await cloud.hostNames(limit.signal));
  } catch (error) {
    logger.warn({ err: error }, 'the names of the hosts could not be checked beforehand');
    return undefined;
  } finally {
    cancel();
  }
}

/** A session that fetches packages may bring its plug-ins along. @throws UnknownPlugin */
export async function refusePlugins(
  { plugins }: { readonly plugins: ActionPlugins },
  { actions = [], downloads = [] }: SessionRequest,
): Promise<void> {
  if (downloads.length > 0) return;
  for (const { plugin } of actions) {
    if ((await plugins.find(plugin, '')) === undefined) throw new UnknownPlugin(plugin);
  }
}
