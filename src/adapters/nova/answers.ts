/** What is read of Nova's answers; everything else in them is passed over. */
import { z } from 'zod';

const serviceSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  binary: z.string(),
  host: z.string(),
  status: z.string(),
  state: z.string(),
  disabled_reason: z.string().nullish(),
});
export const servicesSchema = z.object({ services: z.array(serviceSchema) });
export type NovaService = z.infer<typeof serviceSchema>;

const hypervisorSchema = z.object({
  service: z.object({ host: z.string() }),
  vcpus: z.number(),
  memory_mb: z.number(),
  local_gb: z.number(),
});
export const hypervisorsSchema = z.object({ hypervisors: z.array(hypervisorSchema) });
export type NovaHypervisor = z.infer<typeof hypervisorSchema>;

const flavorSchema = z.object({
  vcpus: z.number(),
  ram: z.number(),
  disk: z.number(),
  ephemeral: z.number().default(0),
  swap: z.number().default(0),
});

/** Servers of a cell that is down come with little more than an id, hence so much is optional. */
const serverSchema = z.object({
  id: z.string(),
  name: z.string().default(''),
  status: z.string(),
  tenant_id: z.string(),
  image: z.unknown().optional(),
  flavor: flavorSchema.optional(),
  fault: z.object({ message: z.string().default('') }).optional(),
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
  'OS-EXT-STS:vm_state': z.string().optional(),
  'OS-EXT-STS:task_state': z.string().nullish(),
});
export const serverAnswerSchema = z.object({ server: serverSchema });
export const serversSchema = z.object({
  servers: z.array(serverSchema),
  servers_links: z.array(z.object({ rel: z.string() })).default([]),
});
export type NovaServer = z.infer<typeof serverSchema>;

const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  project_id: z.string().nullish(),
  members: z.array(z.string()),
  policy: z.string().optional(),
  policies: z.array(z.string()).optional(),
  rules: z.object({ max_server_per_host: z.coerce.number().optional() }).optional(),
});
export const groupsSchema = z.object({ server_groups: z.array(groupSchema) });
export type NovaServerGroup = z.infer<typeof groupSchema>;

const migrationSchema = z.object({
  id: z.number(),
  status: z.string(),
  migration_type: z.string().nullish(),
  source_compute: z.string().nullish(),
  dest_compute: z.string().nullish(),
});
export const migrationsSchema = z.object({ migrations: z.array(migrationSchema) });
export type NovaMigration = z.infer<typeof migrationSchema>;

const actionSchema = z.object({
  action: z.string(),
  request_id: z.string(),
  start_time: z.string(),
  message: z.string().nullish(),
});
export const actionsSchema = z.object({ instanceActions: z.array(actionSchema) });
export type NovaAction = z.infer<typeof actionSchema>;

/** `details` is there from 2.84 on, `traceback` for admins in all versions. */
export const actionEventsSchema = z.object({
  instanceAction: z.object({
    events: z
      .array(
        z.object({
          event: z.string(),
          result: z.string().nullish(),
          traceback: z.string().nullish(),
          details: z.string().nullish(),
        }),
      )
      .default([]),
  }),
});
