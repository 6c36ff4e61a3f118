import { randomUUID } from 'node:crypto';
import type { LabConfig } from '../lab-config.ts';
import type { Host, Service } from './types.ts';

/** The services of the controllers, then a host and its service for each compute. */
export function makeHosts(config: LabConfig, now: number): { services: Service[]; hosts: Host[] } {
  const services: Service[] = [];
  const addService = (binary: Service['binary'], host: string): Service => {
    const service: Service = {
      number: services.length + 1,
      uuid: randomUUID(),
      binary,
      host,
      zone: binary === 'nova-compute' ? 'nova' : 'internal',
      disabled: false,
      disabledReason: null,
      forcedDown: false,
      alive: true,
      changedAt: now,
    };
    services.push(service);
    return service;
  };
  for (const controller of config.controllers) {
    addService('nova-scheduler', controller);
    addService('nova-conductor', controller);
  }
  const hosts = config.hosts.flatMap((group) =>
    numbered(group.name, group.count, 1).map((name) => ({
      name,
      uuid: randomUUID(),
      capacity: { vcpus: group.vcpus, memoryMb: group.memory_mb, diskGb: group.disk_gb },
      service: addService('nova-compute', name),
      reported: { used: { vcpus: 0, memoryMb: 0, diskGb: 0 }, runningVms: 0 },
    })),
  );
  return { services, hosts: hosts.map((host, n) => ({ ...host, number: n + 1 })) };
}

/** `count` names out of a pattern: {n} stands for the number, and is put at the end when it is missing. */
export function numbered(pattern: string, count: number, first: number): readonly string[] {
  if (count === 1 && !pattern.includes('{n}')) return [pattern];
  const full = pattern.includes('{n}') ? pattern : `${pattern}{n}`;
  return Array.from({ length: count }, (_, n) => full.replaceAll('{n}', String(first + n)));
}
