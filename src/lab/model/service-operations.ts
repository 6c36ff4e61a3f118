import type { LabCloud } from './lab-cloud.ts';
import type { Service } from './types.ts';

/**
 * Closes a service for scheduling, or opens it. Resolves when the compute has noted it, as Nova answers only then; a
 * compute that is down is not asked.
 */
export async function setDisabled(
  cloud: LabCloud,
  service: Service,
  disabled: boolean,
  reason: string | null,
): Promise<void> {
  const changed = service.disabled !== disabled;
  service.disabled = disabled;
  service.disabledReason = disabled ? reason : null;
  service.changedAt = cloud.now();
  if (changed) {
    cloud.changes.record(
      disabled
        ? { type: 'host.closed', host: service.host, reason: service.disabledReason }
        : { type: 'host.opened', host: service.host },
    );
  }
  const seconds = cloud.seconds('disable_service', { hosts: [service.host] });
  if (!changed || seconds === 0 || !isUp(service)) return;
  await new Promise<void>((resolve) => {
    cloud.timers.after(seconds, resolve);
  });
}

/** Declares a service down, or ends that. */
export function setForcedDown(cloud: LabCloud, service: Service, down: boolean): void {
  const wasUp = isUp(service);
  service.forcedDown = down;
  noteState(cloud, service, wasUp);
}

/** Lets a service's process die, or come back. */
export function setAlive(cloud: LabCloud, service: Service, alive: boolean): void {
  const wasUp = isUp(service);
  service.alive = alive;
  noteState(cloud, service, wasUp);
}

/** Does Nova hear of this service? */
export function isUp(service: Service): boolean {
  return service.alive && !service.forcedDown;
}

function noteState(cloud: LabCloud, service: Service, wasUp: boolean): void {
  service.changedAt = cloud.now();
  if (wasUp !== isUp(service))
    cloud.changes.record({ type: isUp(service) ? 'host.up' : 'host.down', host: service.host });
}
