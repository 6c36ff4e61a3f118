/**
 * A campaign as the planner sees it: the cloud at one moment, what is to be done to it, and everything that limits how.
 * Values only; every time is in seconds from that moment on, every duration in seconds.
 */
import type { MoveAction, Resources } from '../cloud.ts';

/**
 * Where a host stands. `outside`: not to be maintained, a place to move to. `draining`: admitted, its instances leave. `skipped`: left
 * aside for good; it may take instances again.
 */
export type CampaignProgress =
  'outside' | 'waiting' | 'draining' | 'in_maintenance' | 'maintained' | 'skipped';

export interface CampaignHost {
  readonly name: string;
  readonly capacity: Resources;
  readonly progress: CampaignProgress;
  /** It may take instances as far as its own state goes: up, and not closed by somebody else. */
  readonly takesInstances: boolean;
  /** How long its maintenance takes, or still takes where it is under way. */
  readonly maintenanceSeconds: number;
  /**
   * Every project that has to agree to its being emptied has (or nobody has to be asked): it may be admitted now. The
   * planner itself reckons with `leadSeconds` of the instances instead.
   */
  readonly isReady: boolean;
}

export interface CampaignInstance {
  readonly id: string;
  readonly projectId: string;
  /** Where it is. */
  readonly host: string;
  /** Where it is going: its room there is taken already. Set while it moves, or when its host was admitted. */
  readonly target?: string;
  readonly size: Resources;
  readonly action: MoveAction | 'OWN_ACTION';
  /** How long its move takes, confirmation included; what is left of it where it moves already. */
  readonly moveSeconds: number;
  /** It is being moved just now. */
  readonly isMoving: boolean;
  /** The least time between notice and impact, as its application registered it; 0 once that is over or was given away. */
  readonly leadSeconds: number;
  /** Id of the `CampaignGroup` whose budget its move draws on. */
  readonly groupId: string;
  /** For how long from now it still counts as impacted by something that is over: its recovery. `Infinity`: broken. */
  readonly impactedSeconds: number;
  /** Ids of the `CampaignRule`s that it is under. */
  readonly ruleIds: readonly string[];
}

/** A budget: how many of its members may be impacted at once (FEAT03 `max_impacted_members`). */
export interface CampaignGroup {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly projectId: string;
  readonly slots: number;
  /** How long after its operation a member goes on being impacted. */
  readonly recoverySeconds: number;
}

/** A placement rule: `apart`: a host carries at most `maxPerHost` of its members; `together`: all are on one host. */
export interface CampaignRule {
  readonly id: string;
  readonly name: string;
  readonly kind: 'apart' | 'together';
  readonly maxPerHost: number;
}

export interface Campaign {
  readonly hosts: readonly CampaignHost[];
  readonly instances: readonly CampaignInstance[];
  readonly groups: readonly CampaignGroup[];
  readonly rules: readonly CampaignRule[];
  /** How many moves may leave one host at once, and how many may be under way in all. */
  readonly streams: { readonly perHost: number; readonly total: number };
  /** How many hosts are worked on at once at most (draining or in maintenance); absent: as many as there is room for. */
  readonly parallelHosts?: number;
  /** The time that there is for all of it; absent: as long as it takes. */
  readonly windowSeconds?: number;
}

/** A host that is to be emptied from now on, and where each of its instances goes: all of that room is reserved together. */
export interface HostAdmission {
  readonly host: string;
  /** By instance id the name of a host; instances with OWN_ACTION have none. */
  readonly targets: Readonly<Record<string, string>>;
}
