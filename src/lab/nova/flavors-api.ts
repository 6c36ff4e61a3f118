import type { Flavor } from '../model/types.ts';
import { bookmark, type NovaContext, type NovaRoute, ok, since } from './nova-context.ts';
import { notFound } from './nova-error.ts';

/** flavors, to read. */
export const flavorRoutes: readonly NovaRoute[] = [
  {
    method: 'GET',
    path: '/flavors',
    name: 'flavors.list',
    handle: (context) => ok({ flavors: context.cloud.flavors.map((flavor) => briefView(context, flavor)) }),
  },
  {
    method: 'GET',
    path: '/flavors/detail',
    name: 'flavors.detail',
    handle: (context) => ok({ flavors: context.cloud.flavors.map((flavor) => detailView(context, flavor)) }),
  },
  {
    method: 'GET',
    path: '/flavors/:flavor',
    name: 'flavors.show',
    handle(context, { flavor = '' }) {
      const found = context.cloud.flavors.find((one) => one.id === flavor);
      if (found === undefined) throw notFound(`Flavor ${flavor} could not be found.`);
      return ok({ flavor: detailView(context, found) });
    },
  },
];

function briefView(context: NovaContext, flavor: Flavor): Record<string, unknown> {
  return {
    id: flavor.id,
    name: flavor.name,
    links: [
      { rel: 'self', href: `${context.base}/flavors/${flavor.id}` },
      { rel: 'bookmark', href: bookmark(context, `/flavors/${flavor.id}`) },
    ],
    ...since(context, 55, { description: null }),
  };
}

function detailView(context: NovaContext, flavor: Flavor): unknown {
  return {
    ...briefView(context, flavor),
    ram: flavor.size.memoryMb,
    disk: flavor.size.diskGb,
    vcpus: flavor.size.vcpus,
    // Nova says '' for no swap before 2.75, and 0 since.
    swap: context.minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    ...since(context, 61, { extra_specs: {} }),
  };
}
