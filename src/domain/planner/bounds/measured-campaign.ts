/** A campaign as it turned out: what no schedule could have beaten, had the true durations been known. */
import type { Campaign } from '../campaign.ts';

export interface MeasuredSeconds {
  /** By host name: its maintenance. */
  readonly hostSeconds: Readonly<Record<string, number>>;
  /** By instance id: its move, confirmation included; of several the shortest, so that the bounds stay true. */
  readonly moveSeconds: Readonly<Record<string, number>>;
}

/** The same campaign with durations that were measured; what was not measured stays as it was expected. */
export function measuredCampaign(
  campaign: Campaign,
  { hostSeconds, moveSeconds }: MeasuredSeconds,
): Campaign {
  return {
    ...campaign,
    hosts: campaign.hosts.map((host) => ({
      ...host,
      maintenanceSeconds: hostSeconds[host.name] ?? host.maintenanceSeconds,
    })),
    instances: campaign.instances.map((instance) => ({
      ...instance,
      moveSeconds: moveSeconds[instance.id] ?? instance.moveSeconds,
    })),
  };
}
