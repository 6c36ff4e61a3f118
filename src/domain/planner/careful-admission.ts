/** What begins at one moment of a campaign, where the usual choice would leave the rest no way to be done. */
import { admissionRound, type Admitted, type Safeguard } from './admission-round.ts';
import type { Packing } from './packing.ts';
import { reachHoldingEmpty, reachOf, type Reach } from './roll-forward.ts';
import type { Rollout } from './rollout.ts';

export interface Beginning {
  readonly admitted: readonly Admitted[];
  /** Hosts without instances whose maintenance begins. */
  readonly begun: readonly number[];
}

/** Admits only hosts after which as many can be finished as before. They are under way in the rollout afterwards. */
export function admitCarefully(
  rollout: Rollout,
  cannotLeave: ReadonlySet<number>,
  { finished, first }: Reach,
): readonly Admitted[] {
  let left = finished;
  const isSafe: Safeguard = (host, packing) => {
    const ground = rollout.ground.clone();
    ground.assign(host, packing);
    return reachOf(ground, cannotLeave).finished >= left - 1;
  };
  const admitted = admissionRound(rollout, cannotLeave, isSafe, () => left--);
  if (admitted.length > 0 || rollout.working > 0 || first === undefined) return admitted;
  // The way that was found by searching begins with something that the usual choice would never do.
  return begin(rollout, first) ? [first] : [];
}

/**
 * In small campaigns that can only be done if a host without instances lends its room before it is maintained: the next step of
 * a way that was found by searching, one host after the other. Undefined for all others.
 */
export function nextOfHeldWay(rollout: Rollout, cannotLeave: ReadonlySet<number>): Beginning | undefined {
  const first = reachHoldingEmpty(rollout.ground, cannotLeave)?.first;
  if (first === undefined) return undefined;
  const nothing: Beginning = { admitted: [], begun: [] };
  if (rollout.working > 0) return nothing;
  if (first.packing.instances.length > 0)
    return begin(rollout, first) ? { ...nothing, admitted: [first] } : nothing;
  const from = rollout.emptyFrom(first.host);
  if (!rollout.endsInWindow(first.host, from)) return nothing;
  rollout.maintain(first.host, from);
  return { ...nothing, begun: [first.host] };
}

/** False where it has to wait: nobody has agreed yet, what it carries is still on its way to it, or the window ends. */
function begin(
  rollout: Rollout,
  { host, packing }: { readonly host: number; readonly packing: Packing },
): boolean {
  const isReady = !rollout.options.onlyReady || rollout.index.campaign.hosts[host]?.isReady === true;
  const { emptyAt } = rollout.forecast(host, packing, true);
  if (!isReady || !rollout.hasArrived(host) || !rollout.endsInWindow(host, emptyAt)) return false;
  packing.instances.forEach((instance, place) => {
    const target = packing.targets[place] ?? -1;
    if (target >= 0) rollout.ground.reserve(instance, target);
  });
  rollout.admit(host, packing);
  return true;
}
