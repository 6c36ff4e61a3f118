import { describe, expect, it } from 'vitest';
import { InventoryRefused, parseInventory, printInventory } from '../../../src/inventory/inventory-file.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import {
  inventoryConstraint,
  inventoryGroup,
  inventoryHost,
  inventoryInstance,
  sampleInventory,
} from '../../support/sample-inventory.ts';

/** Everything that may be there or not is there. */
function fullInventory(): Inventory {
  const { host: _host, ...shelved } = inventoryInstance('shelved', '');
  const { serviceId: _serviceId, ...controller } = inventoryHost('controller', 0, { type: 'controller' });
  return sampleInventory({
    hosts: [inventoryHost('a', 1.5, { open: false, closedReason: 'a "disk", ü', up: false }), controller],
    instances: [{ ...inventoryInstance('one', 'a'), task: 'resize_prep' }, shelved],
    serverGroups: [
      {
        id: 'g',
        name: 'pair',
        projectId: 'shop',
        policy: 'soft-anti-affinity',
        maxPerHost: 2,
        members: ['one'],
      },
    ],
    instanceConstraints: [
      { ...inventoryConstraint('one', 'web'), migrationPreference: ['OWN_ACTION', 'MIGRATE'] },
      inventoryConstraint('one', 'older', 'intruder'),
    ],
    instanceGroupConstraints: [
      inventoryGroup('web', {
        maxImpactedBySize: [{ groupSize: 4, members: 1 }],
        minPreservedBySize: [],
        leadSeconds: 0.5,
      }),
    ],
    durations: { hosts: { 'some_host-Name': 12.25 }, hostSeconds: 600, moveSeconds: 60 },
  });
}

/** The file as JSON, changed. */
function changed(change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(printInventory(sampleInventory())) as Record<string, unknown>;
  change(file);
  return JSON.stringify(file);
}

const row = (file: Record<string, unknown>, list: string, index: number) =>
  (file[list] as Record<string, unknown>[])[index]!;

describe('the file of an inventory', () => {
  it.each([
    ['the usual one', sampleInventory()],
    ['one with all that there may be', fullInventory()],
    ['one of nothing', sampleInventory({ hosts: [], instances: [], instanceConstraints: [] })],
  ])('brings back %s', (_what, inventory) => {
    expect(parseInventory(printInventory(inventory))).toStrictEqual(inventory);
  });

  it('is in the words of the API, says what it is first, and has a row to a line', () => {
    const lines = printInventory(sampleInventory()).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '{',
      '"format": "fenix-inventory",',
      '"version": 1,',
      '"taken_at": "2026-11-03T02:30:00.000Z",',
      '"hosts": [',
    ]);
    expect(lines).toContain(
      '  {"id":"a-1","name":"name of a-1","project_id":"shop","host":"a","state":"active","task":null,' +
        '"size":{"vcpus":1,"memory_mb":512,"disk_gb":10}},',
    );
  });

  it('may come with a byte order mark and a time with an offset', () => {
    const text = changed((file) => (file['taken_at'] = '2026-11-03T03:30:00+01:00'));
    expect(parseInventory(`\uFEFF${text}`)).toStrictEqual(sampleInventory());
  });
});

describe('what is no inventory', () => {
  const other = changed((file) => (file['format'] = 'something else'));
  it.each<[string, string, string | RegExp]>([
    ['nothing', '', 'it is not JSON'],
    ['no JSON', '{"format": ', 'it is not JSON'],
    ['another document', '[]', 'it does not begin with "format": "fenix-inventory"'],
    ['another format', other, 'it does not begin with "format": "fenix-inventory"'],
    [
      'a newer version',
      changed((file) => (file['version'] = 2)),
      '/version: it is 2, and this program reads 1: plan with a newer version of this program',
    ],
    ['what lacks a list', changed((file) => delete file['hosts']), /\/hosts: .*expected array/],
    [
      'a figure that is text',
      changed((file) => (row(file, 'instances', 2)['size'] = { vcpus: '1', memory_mb: 1, disk_gb: 1 })),
      /\/instances\/2\/size\/vcpus: .*expected number/,
    ],
    [
      'a negative duration',
      changed((file) => (file['durations'] = { hosts: { 'a/b': -1 }, host_seconds: 1, move_seconds: 1 })),
      '/durations/hosts/a~1b: ',
    ],
    [
      'an action that there is not',
      changed((file) => (row(file, 'instance_constraints', 0)['migration_type'] = 'FLY')),
      '/instance_constraints/0/migration_type: ',
    ],
    [
      'a key that is misspelt',
      changed((file) => (row(file, 'instance_group_constraints', 0)['max_impacted_membres'] = 2)),
      '/instance_group_constraints/0/max_impacted_membres: there is no such key',
    ],
    [
      'a key of the program in place of that of the file',
      changed((file) => (row(file, 'instances', 0)['projectId'] = 'shop')),
      '/instances/0/projectId: there is no such key',
    ],
    ['a time that is none', changed((file) => (file['taken_at'] = 'yesterday')), '/taken_at: '],
    [
      'two hosts of one name',
      changed((file) => (row(file, 'hosts', 2)['name'] = 'a')),
      '/hosts/2/name: a is the name of row 0 already',
    ],
    [
      'two instances of one id',
      changed((file) => (row(file, 'instances', 3)['id'] = 'a-2')),
      '/instances/3/id: a-2 is the id of row 1 already',
    ],
  ])('%s is refused with its place', (_what, text, says) => {
    const refusal = () => parseInventory(text);
    expect(refusal).toThrow(InventoryRefused);
    expect(refusal).toThrow(says);
  });

  it('is told of all that is wrong, up to a point', () => {
    const text = changed((file) => {
      file['settings'] = {};
      row(file, 'hosts', 0)['up'] = 'yes';
    });
    expect(() => parseInventory(text)).toThrow(/\/hosts\/0\/up: [^]*\/settings\/sends: [^]*and \d+ more$/);
  });
});
