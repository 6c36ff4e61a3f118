/**
 * Answers that are looked up often, worked out once for each state of what they depend on. A session is never changed in
 * place, so what was worked out for one of its parts holds as long as that part is in use.
 */
import type { CommandRecord } from './command.ts';
import type { InstanceConstraint } from './constraint.ts';
import { groupedBy, indexOf, type Index } from './kept-index.ts';
import { rememberedFor } from './remembered-for.ts';
import type { Instance, Session } from './session.ts';

type Instances = Session['instances'];
type Commands = Session['commands'];

const byHost = ({ host }: Instance) => host;

/** Instances by their host. */
export const instancesByHost = (instances: Instances): Index<Instance> =>
  indexOf(instances, () => instances.values(), byHost);

const byKind = ({ command }: CommandRecord) => command.kind;

/** Records by the kind of their command, in the order of issue. */
export const recordsByKind = (commands: Commands): Index<CommandRecord> =>
  indexOf(commands, () => commands.values(), byKind);

const underWay = ({ endedAt }: CommandRecord) => (endedAt === undefined ? 'under way' : undefined);
const none: readonly CommandRecord[] = [];

/** Records that have no outcome yet, in the order of issue. */
export const recordsUnderWay = (commands: Commands): readonly CommandRecord[] =>
  indexOf(commands, () => commands.values(), underWay).get('under way') ?? none;

const byInstance = ({ command }: CommandRecord) =>
  command.kind === 'move_instance' || command.kind === 'confirm_move' || command.kind === 'abort_move'
    ? command.instanceId
    : undefined;

/** Records about one instance (moves, confirmations, break-offs), in the order of issue. */
export const recordsByInstance = (commands: Commands): Index<CommandRecord> =>
  indexOf(commands, () => commands.values(), byInstance);

/** Ids of the instances that are registered as members of a group, by its id. */
export const membersByGroup: (
  instances: Readonly<Record<string, InstanceConstraint>>,
) => ReadonlyMap<string, readonly InstanceConstraint[]> = rememberedFor((instances) =>
  groupedBy(Object.values(instances), ({ groupId }) => groupId),
);
