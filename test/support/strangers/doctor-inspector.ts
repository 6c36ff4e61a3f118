/** Doctor's sample inspector: an alarm of its own for `maintenance.host` in the admin's project (facts 4.4, 7.1). */
import type { Lab } from '../../../src/lab/lab.ts';
import type { AtEnd } from '../stage.ts';
import { heatAlarm, listenAsTarget, type AlarmTarget } from './alarm-target.ts';
import { call } from './call.ts';
import { decodeTraits } from './doctor-traits.ts';
import { jsonHeaders, tokenOf } from './keystone.ts';

export interface DoctorInspector extends AlarmTarget {
  /** Hosts whose automatic fault management it switched off and on, in order: `off compute-1`. */
  readonly switched: readonly string[];
}

const switches: Readonly<Record<string, string>> = { IN_MAINTENANCE: 'off', MAINTENANCE_COMPLETE: 'on' };

export async function startDoctorInspector(
  atEnd: AtEnd,
  { lab, url }: { readonly lab: Lab; readonly url: string },
): Promise<DoctorInspector> {
  const switched: string[] = [];
  const target = await listenAsTarget(atEnd, '/maintenance', (body) => {
    const payload = decodeTraits(body);
    const way = switches[String(payload['state'])];
    if (way === undefined) return Promise.reject(new Error(`could not handle ${String(payload['state'])}`));
    switched.push(`${way} ${String(payload['host'])}`);
    return Promise.resolve();
  });
  const created = await call({
    method: 'POST',
    url: `${url}/v2/alarms`,
    headers: { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') },
    data: heatAlarm('maintenance.host', target.url),
  });
  if (created.status !== 201) throw new Error(created.text);
  return { ...target, switched };
}
