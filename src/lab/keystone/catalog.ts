import { newHexId } from './identity.ts';

interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpointIds: Readonly<Record<string, string>>;
  url: string;
}

export interface ListedService extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly name: string;
}

export interface ListedEndpoint extends Readonly<Record<string, unknown>> {
  readonly interface: string;
  readonly service_id: string;
}

const interfaces = ['public', 'internal', 'admin'] as const;
const names: Readonly<Record<string, string>> = {
  identity: 'keystone',
  compute: 'nova',
  image: 'glance',
  alarming: 'aodh',
  maintenance: 'fenix',
};

/** Where the services are. Entries may come and change while the lab runs. */
export class Catalog {
  readonly #region: string;
  readonly #entries = new Map<string, CatalogEntry>();

  constructor(region: string) {
    this.#region = region;
  }

  /** Sets the address of a service type; null takes the entry out. */
  set(type: string, url: string | null): void {
    if (url === null) {
      this.#entries.delete(type);
      return;
    }
    const known = this.#entries.get(type);
    if (known !== undefined) {
      known.url = url;
      return;
    }
    const endpointIds = Object.fromEntries(interfaces.map((name) => [name, newHexId()]));
    this.#entries.set(type, { id: newHexId(), type, name: names[type] ?? type, endpointIds, url });
  }

  /** The services as Keystone lists them for admins. */
  services(v3: string): readonly ListedService[] {
    return [...this.#entries.values()].map(({ id, type, name }) => ({
      id,
      type,
      name,
      enabled: true,
      description: '',
      links: { self: `${v3}/services/${id}` },
    }));
  }

  /** The endpoints as Keystone lists them for admins. */
  endpoints(v3: string): readonly ListedEndpoint[] {
    return [...this.#entries.values()].flatMap(({ id: serviceId, endpointIds, url }) =>
      interfaces.map((name) => {
        const id = endpointIds[name] ?? '';
        return {
          id,
          interface: name,
          region_id: this.#region,
          region: this.#region,
          service_id: serviceId,
          url,
          enabled: true,
          links: { self: `${v3}/endpoints/${id}` },
        };
      }),
    );
  }

  view(): readonly unknown[] {
    return [...this.#entries.values()].map((entry) => ({
      endpoints: interfaces.map((name) => ({
        id: entry.endpointIds[name],
        interface: name,
        region_id: this.#region,
        url: entry.url,
        region: this.#region,
      })),
      id: entry.id,
      type: entry.type,
      name: entry.name,
    }));
  }
}
