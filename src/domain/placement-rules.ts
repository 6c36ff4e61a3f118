/** Which instances must be kept apart: by the server groups of the cloud, and in `vnf` by what applications registered. */
import { rememberedFor } from './remembered-for.ts';
import { membersByGroup } from './session-index.ts';
import type { KnownConstraints, Session } from './session.ts';

/** A host carries at most so many of these instances. */
export interface ApartRule {
  readonly id: string;
  /** Name for messages. */
  readonly name: string;
  readonly maxPerHost: number;
  readonly members: readonly string[];
  /** The cloud's scheduler keeps to it too; otherwise nobody does but us. */
  readonly isHeldByCloud: boolean;
}

/** All rules that hold in this session. */
export function apartRules(session: Session): readonly ApartRule[] {
  const held = session.serverGroups
    .filter(({ policy }) => policy === 'anti-affinity')
    .map(({ id, name, maxPerHost, members }) => ({ id, name, maxPerHost, members, isHeldByCloud: true }));
  return [...held, ...registeredRules(session).filter((rule) => !held.some((one) => includes(one, rule)))];
}

function registeredRules({ request, constraints }: Session): readonly ApartRule[] {
  return request.workflow !== 'vnf' || constraints === undefined ? [] : rulesIn(constraints);
}

/** Facts 5: `anti_affinity_group` puts members on distinct hosts, `max_instances_per_host` is a cap, 0 for none. */
const rulesIn: (constraints: KnownConstraints) => readonly ApartRule[] = rememberedFor(
  ({ groups, instances }) =>
    Object.values(groups).flatMap((group) => {
      const maxPerHost = group.antiAffinity ? 1 : group.maxInstancesPerHost;
      if (maxPerHost === 0) return [];
      const members = (membersByGroup(instances).get(group.id) ?? []).map(({ id }) => id);
      // Groups are named after server groups, by their ids too (facts 5): the counts must not be mixed up.
      const id = `registered ${group.id}`;
      return [{ id, name: group.name || group.id, maxPerHost, members, isHeldByCloud: false }];
    }),
);

const includes = (held: ApartRule, rule: ApartRule) =>
  held.maxPerHost <= rule.maxPerHost && rule.members.every((id) => held.members.includes(id));
