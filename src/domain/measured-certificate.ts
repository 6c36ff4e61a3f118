/** How close a session came to what no schedule could have beaten, by the durations that it measured (issue 4). */
import { lowerBounds } from './planner/bounds/lower-bounds.ts';
import { measuredCampaign } from './planner/bounds/measured-campaign.ts';
import type { Campaign, CampaignInstance } from './planner/campaign.ts';
import type { LowerBound } from './planner/certificate.ts';
import { rememberedFor } from './remembered-for.ts';
import { computes } from './session-view.ts';
import type { Host, Session } from './session.ts';

export interface MeasuredCertificate {
  /** From the moment for which the session planned, or the end of the controllers where that came later, to its last host's end. */
  readonly makespanSeconds: number;
  /** The largest of them. */
  readonly bound: LowerBound;
}

/** Undefined while the session runs, where it failed or planned nothing, and where no compute was maintained. */
export const measuredCertificate: (session: Session) => MeasuredCertificate | undefined = rememberedFor(
  (session) => {
    const { plan, state } = session;
    if (plan === undefined || state !== 'MAINTENANCE_DONE') return undefined;
    const ends = endsOf(computes(session));
    const [bound] = lowerBounds(campaignAsItWent(plan.campaign, session));
    if (bound === undefined || ends.length === 0) return undefined;
    // Controllers come before all computes, and the plan says nothing of them.
    const controllers = endsOf(session.hosts.filter(({ type }) => type !== 'compute'));
    const begin = Math.max(plan.madeAt, ...controllers);
    return { makespanSeconds: Math.max(0, Math.max(...ends) - begin) / 1000, bound };
  },
);

/**
 * What was planned for, with the durations that were measured. Wherever the session differs from the plan, the easier of both
 * is taken, so that a bound on this is a bound on the session too:
 * - hosts that were left aside are not to be done;
 * - instances that are gone are taken to have left before, and so are those that were to leave a host and were not moved by us;
 * - what leaves by its own action takes no time that we could see;
 * - lead times are over: an ACK gives the rest of them away, and when it would have come by another plan is not known.
 *
 * Limits are those of the plan: of a limit that was raised meanwhile the bound can be too high.
 */
function campaignAsItWent(campaign: Campaign, session: Session): Campaign {
  const done = session.hosts.filter(
    ({ progress, maintenanceEndedAt }) => progress === 'maintained' && maintenanceEndedAt !== undefined,
  );
  const toDo = new Set(done.map(({ name }) => name));
  const left: Campaign = {
    ...campaign,
    hosts: campaign.hosts.map((host) => (toDo.has(host.name) ? host : { ...host, progress: 'outside' })),
    instances: campaign.instances.flatMap((instance) => asItWent(instance, session, toDo)),
  };
  return measuredCampaign(left, {
    hostSeconds: Object.fromEntries(done.map((host) => [host.name, secondsOf(host)])),
    moveSeconds: Object.fromEntries(
      left.instances.map(({ id, action }) => [
        id,
        action === 'OWN_ACTION' ? 0 : (session.instances.get(id)?.moveSeconds ?? 0),
      ]),
    ),
  });
}

function asItWent(
  planned: CampaignInstance,
  { instances }: Session,
  toDo: ReadonlySet<string>,
): readonly CampaignInstance[] {
  const instance = { ...planned, leadSeconds: 0 };
  if (planned.action === 'OWN_ACTION') return [instance];
  const { gone = true, moveSeconds } = instances.get(planned.id) ?? {};
  return gone || (toDo.has(planned.host) && moveSeconds === undefined) ? [] : [instance];
}

function endsOf(hosts: readonly Host[]): readonly number[] {
  return hosts.flatMap(({ maintenanceEndedAt }) => maintenanceEndedAt ?? []);
}

function secondsOf({ maintenanceStartedAt = 0, maintenanceEndedAt = 0 }: Host): number {
  return Math.max(0, maintenanceEndedAt - maintenanceStartedAt) / 1000;
}
