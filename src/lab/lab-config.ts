import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const seconds = (value: number) => z.number().nonnegative().default(value);
const name = z.string().min(1);

const hostSchema = z.strictObject({
  name: name.describe('with `count`, {n} in it stands for 1, 2, 3, ...'),
  count: z.int().positive().default(1),
  vcpus: z.int().positive().default(2),
  memory_mb: z.int().positive().default(8192),
  disk_gb: z.int().positive().default(100),
});

const projectSchema = z.union([
  name.transform((value) => ({ name: value, description: '' })),
  z.strictObject({ name, description: z.string().optional() }),
]);

const userSchema = z.strictObject({
  name,
  password: z.string().min(1).default('lab-secret'),
  project: name,
  roles: z.array(name).min(1),
});

const flavorSchema = z.strictObject({
  name,
  vcpus: z.int().positive().default(1),
  ram_mb: z.int().positive().default(256),
  disk_gb: z.int().nonnegative().default(1),
});

const groupSchema = z.strictObject({
  name,
  project: name,
  policy: z.enum(['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity']),
  max_server_per_host: z.int().positive().optional(),
});

const instanceSchema = z.strictObject({
  name: name.describe('with `count`, {n} in it stands for 0, 1, 2, ...'),
  count: z.int().positive().default(1),
  project: name,
  flavor: name.optional().describe('the first flavor when absent'),
  host: name.optional().describe('the scheduler chooses when absent'),
  group: name.optional(),
});

/** Seconds that operations take. */
const durationsSchema = z.strictObject({
  boot: seconds(0.1),
  delete: seconds(0.05),
  cold_migrate: seconds(0.2).describe('from the call to VERIFY_RESIZE'),
  confirm: seconds(0.05),
  revert: seconds(0.1),
  live_migrate: seconds(0.2),
  power: seconds(0.05).describe('start and stop of a server'),
  disable_service: seconds(0.02).describe('both ways: the call answers when it is done'),
  usage_report: seconds(60).describe('how old the figures of os-hypervisors may get'),
});

const tokensSchema = z.strictObject({
  format: z.enum(['opaque', 'jws']).default('opaque'),
  lifetime_seconds: z.number().positive().default(3600),
  key_folder: z.string().optional().describe('where public keys are written when the format is jws'),
});

const endpointsSchema = z.strictObject({
  alarming: z.url().optional(),
  maintenance: z.url().optional(),
});

/** The lab's configuration; what is left out has defaults that make a usable cloud. */
export const labConfigSchema = z
  .strictObject({
    region: name.default('RegionOne'),
    hosts: z.array(hostSchema).min(1),
    controllers: z.array(name).default(['controller-1']),
    projects: z.array(projectSchema).min(1),
    users: z.array(userSchema).min(1),
    flavors: z
      .array(flavorSchema)
      .min(1)
      .prefault([{ name: 'mini' }]),
    server_groups: z.array(groupSchema).default([]),
    instances: z.array(instanceSchema).default([]),
    durations: durationsSchema.prefault({}),
    tokens: tokensSchema.prefault({}),
    endpoints: endpointsSchema.prefault({}),
  })
  .superRefine((config, context) => {
    const projects = new Set(config.projects.map((project) => project.name));
    const groups = new Set(config.server_groups.map((group) => group.name));
    const flavors = new Set(config.flavors.map((flavor) => flavor.name));
    const check = (
      known: ReadonlySet<string>,
      value: string | undefined,
      what: string,
      path: (string | number)[],
    ) => {
      if (value !== undefined && !known.has(value)) {
        context.addIssue({ code: 'custom', message: `there is no ${what} named ${value}`, path });
      }
    };
    config.users.forEach((user, n) => check(projects, user.project, 'project', ['users', n, 'project']));
    config.server_groups.forEach((group, n) =>
      check(projects, group.project, 'project', ['server_groups', n, 'project']),
    );
    config.instances.forEach((instance, n) => {
      check(projects, instance.project, 'project', ['instances', n, 'project']);
      check(groups, instance.group, 'server group', ['instances', n, 'group']);
      check(flavors, instance.flavor, 'flavor', ['instances', n, 'flavor']);
    });
  });

/** The configuration as it is written. */
export type LabConfigInput = z.input<typeof labConfigSchema>;
/** The configuration with its defaults filled in. */
export type LabConfig = z.output<typeof labConfigSchema>;

/** Checks a configuration. @throws Error that names every wrong field. */
export function parseLabConfig(input: unknown): LabConfig {
  const result = labConfigSchema.safeParse(input);
  if (!result.success) {
    throw new Error(`the lab's configuration is wrong:\n${z.prettifyError(result.error)}`);
  }
  return result.data;
}

/** Reads a configuration from a YAML file. @throws Error that names the file, or every wrong field. */
export async function readLabConfig(file: string): Promise<LabConfig> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`cannot read the lab's configuration ${file}: ${String(error)}`, { cause: error });
  }
  return parseLabConfig(content);
}
