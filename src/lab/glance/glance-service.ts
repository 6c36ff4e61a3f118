import { keystoneErrorAnswer, KeystoneError, unauthorized } from '../keystone/keystone-error.ts';
import type { Tokens } from '../keystone/tokens.ts';
import type { LabCloud } from '../model/lab-cloud.ts';
import { type Answer, type Call, findRoute, header, type LabService } from '../wire/call.ts';
import type { RecognisedCall, Route } from '../wire/call.ts';

/** What Glance of the Zed release says it speaks. */
const versions = ['2.15', '2.9', '2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0'] as const;

/**
 * Glance v2 under /image, to read: the one image of the lab. openstackclient looks the names of images up whenever it
 * shows servers, and does not show any without.
 */
export class GlanceService implements LabService {
  readonly name = 'glance';
  readonly prefix = '/image';
  readonly #cloud: LabCloud;
  readonly #tokens: Tokens;
  /** Where callers without a good token are sent. */
  readonly #authUrl: () => string;
  /** Milliseconds since 1970: when the image was made. */
  readonly #madeAt: number;

  constructor(cloud: LabCloud, tokens: Tokens, authUrl: () => string) {
    this.#cloud = cloud;
    this.#tokens = tokens;
    this.#authUrl = authUrl;
    this.#madeAt = cloud.now();
  }

  recognise(call: Call): RecognisedCall {
    const found = findRoute(this.#routes, call.method, call.path);
    if (!('route' in found)) {
      const status = found.pathKnown ? 405 : 404;
      const error = new KeystoneError(
        status,
        `No route for ${call.method} ${call.path} in the lab's Glance.`,
      );
      return { name: 'unknown', subject: {}, run: () => this.#refuse(error) };
    }
    const { route, parameters } = found;
    return { name: route.name, subject: {}, run: () => route.handle(call, parameters) };
  }

  unavailable(): Answer {
    return this.#refuse(new KeystoneError(503, 'The service is unavailable (a fault of the lab).'));
  }

  readonly #routes: readonly Route<Call>[] = [
    { method: 'GET', path: '', name: 'image.versions', handle: (call) => showVersions(call) },
    {
      method: 'GET',
      path: '/v2/images',
      name: 'images.list',
      handle: (call) => this.#withToken(call, () => this.#list(call)),
    },
    {
      method: 'GET',
      path: '/v2/images/:image',
      name: 'images.show',
      handle: (call, { image = '' }) => this.#withToken(call, () => this.#show(image)),
    },
  ];

  #withToken(call: Call, answer: () => Answer): Answer {
    const caller = this.#tokens.find(header(call, 'x-auth-token'));
    return caller?.project == null ? this.#refuse(unauthorized()) : answer();
  }

  #list(call: Call): Answer {
    const image = this.#view();
    const wanted = (name: 'id' | 'name') => (call.query.get(name) ?? image[name]) === image[name];
    const images = wanted('id') && wanted('name') ? [image] : [];
    return { status: 200, body: { images, first: '/v2/images', schema: '/v2/schemas/images' } };
  }

  #show(id: string): Answer {
    return id === this.#cloud.imageId
      ? { status: 200, body: this.#view() }
      : this.#refuse(new KeystoneError(404, `No image found with ID ${id}`));
  }

  #view() {
    const id = this.#cloud.imageId;
    const made = new Date(this.#madeAt).toISOString().replace(/\.\d+Z$/, 'Z');
    return {
      name: 'cirros',
      disk_format: 'raw',
      container_format: 'bare',
      visibility: 'public',
      size: 1024,
      virtual_size: 1024,
      status: 'active',
      checksum: '0f343b0931126a20f133d67c2b018a3b',
      protected: false,
      min_ram: 0,
      min_disk: 0,
      owner: null,
      os_hidden: false,
      id,
      created_at: made,
      updated_at: made,
      tags: [],
      self: `/v2/images/${id}`,
      file: `/v2/images/${id}/file`,
      schema: '/v2/schemas/image',
    };
  }

  #refuse(error: KeystoneError): Answer {
    return keystoneErrorAnswer(error, this.#authUrl());
  }
}

function showVersions({ serviceUrl }: Call): Answer {
  const entries = versions.map((version, n) => ({
    id: `v${version}`,
    status: n === 0 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${serviceUrl}/v2/` }],
  }));
  return { status: 300, body: { versions: entries } };
}
