/** The format of an inventory file (docs/offline-planning.md). */
import { z } from 'zod';
import { instanceActions } from '../domain/cloud.ts';
import { fileObject } from './file-object.ts';
import type { Inventory } from './inventory.ts';

/** What tells an inventory from any other JSON. */
export const inventoryFormat = 'fenix-inventory' as const;

/**
 * Raised when an older program could not plan with a newer file, or would plan something else. What is only added gets a default
 * here, so that older files can still be read.
 */
export const inventoryVersion = 1 as const;

const id = z.string().min(1);
const amount = z.number().nonnegative();
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();

const time = z.codec(z.iso.datetime({ offset: true }), z.number(), {
  decode: (text) => Date.parse(text),
  encode: (milliseconds) => new Date(milliseconds).toISOString(),
});

function list<Row extends z.core.SomeType>(row: Row) {
  return z.array(row).readonly();
}

const resources = fileObject({ vcpus: amount, memoryMb: amount, diskGb: amount });

const host = fileObject({
  name: id,
  type: z.enum(['compute', 'controller', 'other']),
  serviceId: z.string().exactOptional(),
  open: z.boolean(),
  closedReason: z.string().exactOptional(),
  up: z.boolean(),
  capacity: resources,
});

const instance = fileObject({
  id,
  name: z.string(),
  projectId: id,
  host: z.string().exactOptional(),
  state: z.string(),
  task: z.string().nullable(),
  size: resources,
});

const serverGroup = fileObject({
  id,
  name: z.string(),
  projectId: z.string(),
  policy: z.enum(['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity']),
  maxPerHost: z.int().positive(),
  members: list(z.string()),
});

const instanceAction = z.enum(instanceActions);

const instanceConstraint = fileObject({
  kind: z.literal('instance'),
  id,
  projectId: z.string(),
  groupId: z.string(),
  name: z.string(),
  maxInterruptionSeconds: seconds,
  migrationType: instanceAction,
  migrationPreference: list(instanceAction).exactOptional(),
  resourceMitigation: z.boolean(),
  leadSeconds: seconds,
});

const limitsBySize = list(fileObject({ groupSize: count, members: count })).exactOptional();

const instanceGroupConstraint = fileObject({
  kind: z.literal('instance_group'),
  id,
  projectId: z.string(),
  name: z.string(),
  antiAffinity: z.boolean(),
  maxInstancesPerHost: count,
  maxImpactedMembers: count,
  recoverySeconds: seconds,
  resourceMitigation: z.boolean(),
  maxImpactedBySize: limitsBySize,
  minPreservedBySize: limitsBySize,
  leadSeconds: seconds.exactOptional(),
});

const durations = fileObject({
  hosts: z.record(z.string(), seconds),
  hostSeconds: seconds,
  moveSeconds: seconds,
});

const settings = fileObject({
  // By the states of the API, which are written as they are.
  replySeconds: z.strictObject({
    MAINTENANCE: seconds,
    SCALE_IN: seconds,
    PREPARE_MAINTENANCE: seconds,
    PLANNED_MAINTENANCE: seconds,
    MAINTENANCE_COMPLETE: seconds,
  }),
  sends: z.int().positive(),
  unsubscribedProjects: z.enum(['fail', 'MIGRATE', 'LIVE_MIGRATE']),
  parallelMoves: z.int().positive(),
  totalMoves: z.int().positive(),
  plannedMoveSeconds: seconds,
  plannedHostSeconds: seconds,
  maxDeferSeconds: seconds,
  missingConstraints: z.enum(['careful', 'refuse']),
  planDrift: z.enum(['replan', 'fail']),
  moveAttempts: z.int().positive(),
  liveMigrationSeconds: seconds,
  hostMaintenanceSeconds: seconds,
});

const contents = fileObject({
  format: z.literal(inventoryFormat),
  version: z.literal(inventoryVersion),
  takenAt: time,
  hosts: list(host).check(unique('name')),
  instances: list(instance).check(unique('id')),
  serverGroups: list(serverGroup).check(unique('id')),
  instanceConstraints: list(instanceConstraint),
  instanceGroupConstraints: list(instanceGroupConstraint),
  subscribedProjects: list(z.string()),
  durations,
  settings,
});

export const inventorySchema = z.codec(contents, z.custom<Inventory>(), {
  decode: ({ format: _format, version: _version, ...inventory }) => inventory,
  encode: (inventory) => ({
    ...inventory,
    format: inventoryFormat,
    version: inventoryVersion,
  }),
});

/** Refuses rows of which one would silently take the place of another. */
function unique<Key extends string>(key: Key): z.core.CheckFn<readonly Readonly<Record<Key, string>>[]> {
  return ({ value: rows, issues }) => {
    const seen = new Map<string, number>();
    rows.forEach((row, index) => {
      const first = seen.get(row[key]);
      if (first === undefined) seen.set(row[key], index);
      else {
        const message = `${row[key]} is the ${key} of row ${first} already`;
        issues.push({ code: 'custom', message, input: row[key], path: [index, key] });
      }
    });
  };
}
