/** The application's instances: which there are, which is active, and how they come and go. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Nova, Server, ServerTemplate } from './nova.ts';
import type { NamedInstance } from './vnfm-event.ts';

export interface FleetOptions {
  readonly haPrefix: string;
  readonly nonHaPrefix: string;
  readonly createBeforeDelete: boolean;
  readonly pollSeconds: number;
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
}

export interface Members {
  /** The active-standby pair. */
  readonly ha: readonly NamedInstance[];
  readonly nonHa: readonly NamedInstance[];
}

/** A new server that finds no place, or fails otherwise, is tried again: room may be just about to come free. */
const bootAttempts = 4;
const bootPauseMilliseconds = 1000;

export class Fleet {
  readonly #nova: Nova;
  readonly #options: FleetOptions;
  /** What scale-in took away and scale-out is to bring back. */
  readonly #removed: ServerTemplate[] = [];
  #active: NamedInstance | undefined;

  constructor(nova: Nova, options: FleetOptions) {
    this.#nova = nova;
    this.#options = options;
  }

  /** The instance of the pair that does the work now. */
  get active(): NamedInstance | undefined {
    return this.#active;
  }

  /** The instances by name. If the active one is gone, the first of the pair takes over. */
  async members(): Promise<Members> {
    const servers = [...(await this.#nova.servers())].sort((a, b) =>
      a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
    const named = (prefix: string) =>
      servers.filter(({ name }) => name.startsWith(prefix)).map(({ id, name }: Server) => ({ id, name }));
    const ha = named(this.#options.haPrefix);
    if (!ha.some(({ id }) => id === this.#active?.id)) this.#active = ha[0];
    return { ha, nonHa: named(this.#options.nonHaPrefix) };
  }

  /**
   * Makes sure that the active instance is none of these. Returns who gave over to whom, undefined if there was no need.
   * @throws Error when no other instance of the pair is there
   */
  async switchOver(away: readonly string[]): Promise<{ from: NamedInstance; to: NamedInstance } | undefined> {
    const { ha } = await this.members();
    const from = this.#active;
    if (!from || !away.includes(from.id)) return undefined;
    const to = ha.find(({ id }) => !away.includes(id));
    if (!to) throw new Error(`nobody can take over from ${from.name}: the whole pair is affected`);
    this.#active = to;
    return { from, to };
  }

  /** Deletes the last `count` of those that are not redundant, and waits until they are gone. */
  async scaleIn(count: number): Promise<readonly NamedInstance[]> {
    const { nonHa } = await this.members();
    const leaving = nonHa.slice(Math.max(0, nonHa.length - count));
    await Promise.all(
      leaving.map(async ({ id }) => {
        const template = await this.#nova.template(id);
        await this.#remove(id);
        this.#removed.push(template);
      }),
    );
    return leaving;
  }

  /** Boots again what scale-in took away, and waits until it is active. */
  async scaleOut(): Promise<readonly NamedInstance[]> {
    const missing = this.#removed
      .splice(0)
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    return Promise.all(
      missing.map(async (template) => {
        try {
          return { id: await this.#boot(template), name: template.name };
        } catch (error) {
          this.#removed.push(template);
          throw error;
        }
      }),
    );
  }

  /** Puts a new instance of the same kind in the place of one. Undefined when that one is gone already. */
  async replace(id: string): Promise<{ name: string; newId: string } | undefined> {
    if ((await this.#nova.status(id)) === undefined) return undefined;
    const template = await this.#nova.template(id);
    if (!this.#options.createBeforeDelete) await this.#remove(id);
    const newId = await this.#boot(template);
    if (this.#options.createBeforeDelete) await this.#remove(id);
    return { name: template.name, newId };
  }

  async #remove(id: string): Promise<void> {
    await this.#nova.remove(id);
    await this.#until(`server ${id} is gone`, async () => (await this.#nova.status(id)) === undefined);
  }

  async #boot(template: ServerTemplate): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const id = await this.#nova.boot(template);
      const fault = await this.#built(id, template.name);
      if (fault === undefined) return id;
      await this.#remove(id);
      if (attempt === bootAttempts) throw new Error(`${template.name} cannot be booted: ${fault}`);
      await pause(bootPauseMilliseconds, undefined, { signal: this.#options.signal });
    }
  }

  /** Waits until a server is active. Returns why it never will be. */
  async #built(id: string, name: string): Promise<string | undefined> {
    let fault: string | undefined;
    await this.#until(`${name} (${id}) is active`, async () => {
      const server = await this.#nova.status(id);
      if (server?.status === 'ACTIVE') return true;
      if (server === undefined) fault = 'somebody deleted it';
      if (server?.status === 'ERROR') fault = server.fault ?? 'Nova gives no reason';
      return fault !== undefined;
    });
    return fault;
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const { pollSeconds, patienceSeconds, signal } = this.#options;
    const end = Date.now() + patienceSeconds * 1000;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`after ${patienceSeconds} s it is not so that ${what}`);
      await pause(pollSeconds * 1000, undefined, { signal });
    }
  }
}
