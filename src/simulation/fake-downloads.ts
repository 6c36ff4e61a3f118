import type { Download } from '../domain/action-plugin.ts';
import { DownloadFailed, type Downloads } from '../engine/ports.ts';

/** Downloads in memory: an address that contains `refused` is refused, one that contains `broken` fails. */
export class FakeDownloads implements Downloads {
  readonly folders = new Map<string, readonly string[]>();

  refusal({ url }: Download): string | undefined {
    return url.includes('refused') ? `${url} is not on the list of allowed hosts` : undefined;
  }

  fetch(sessionId: string, downloads: readonly Download[]): Promise<readonly string[]> {
    const broken = downloads.find(({ url }) => url.includes('broken'));
    if (broken !== undefined) return Promise.reject(new DownloadFailed(`${broken.url} cannot be fetched`));
    const files = downloads.map(({ url }) => url.split('/').at(-1) ?? url);
    this.folders.set(sessionId, files);
    return Promise.resolve(files);
  }

  remove(sessionId: string): Promise<void> {
    this.folders.delete(sessionId);
    return Promise.resolve();
  }
}
