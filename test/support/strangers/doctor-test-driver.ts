/** Doctor's test driver (`scenario/maintenance.py`), call by call: opens the session, polls its state, deletes it. */
import type { Lab } from '../../../src/lab/lab.ts';
import { call, jsonOf } from './call.ts';
import { jsonHeaders, tokenOf } from './keystone.ts';

export interface DriverOptions {
  /** Where it finds the tool: `<base>/v1/maintenance`, or `<base>/maintenance` of the sample admin tool. */
  readonly endpoint: string;
  readonly workflow: 'default' | 'vnf';
  /** The seconds that it leaves the projects to acknowledge: 30 in Doctor. */
  readonly leadSeconds: number;
  /** In Fenix mode it sends a token of the admin's project. */
  readonly auth: boolean;
}

/** How often the driver polls: every 10 s for 15 min in Doctor, after a wait of 300 s. Here the waits are short. */
const pollMilliseconds = 100;
const polls = 900;
/** The POST is tried 12 times with 10 s between, until it is answered with 200. */
const postTries = 12;

export interface DriverResult {
  readonly sessionId: string;
  readonly state: string;
  /** What it heard at each poll, without repeats. */
  readonly states: readonly string[];
}

/** @throws Error where the driver would raise */
export async function driveSession(
  lab: Lab,
  { endpoint, workflow, leadSeconds, auth }: DriverOptions,
): Promise<DriverResult> {
  const headers = {
    ...jsonHeaders,
    ...(auth && { 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') }),
  };
  const sessionId = await startMaintenance(endpoint, headers, {
    hosts: await hypervisorNames(lab),
    state: 'MAINTENANCE',
    maintenance_at: wireTime(Date.now() + leadSeconds * 1000),
    metadata: { openstack_version: 'Rocky' },
    workflow,
  });
  const states: string[] = [];
  let state = '';
  for (let left = polls; left > 0 && !/DONE$|FAILED$/.test(state); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    const answer = await call({ method: 'GET', url: `${endpoint}/${sessionId}`, headers });
    if (answer.status !== 200) throw new Error(answer.text);
    state = (jsonOf(answer) as { state: string }).state;
    if (states.at(-1) !== state) states.push(state);
  }
  const removed = await call({ method: 'DELETE', url: `${endpoint}/${sessionId}`, headers });
  if (removed.status !== 200) throw new Error(removed.text);
  if (state === 'MAINTENANCE_FAILED') throw new Error(`maintenance ${sessionId} failed`);
  return { sessionId, state, states };
}

async function startMaintenance(
  url: string,
  headers: Readonly<Record<string, string>>,
  data: unknown,
): Promise<string> {
  let answer = { status: 0, text: 'never answered' };
  for (let tries = postTries; tries > 0 && answer.status !== 200; tries -= 1) {
    answer = await call({ method: 'POST', url, headers, data: JSON.stringify(data) });
  }
  if (answer.status !== 200) throw new Error(answer.text);
  return (jsonOf(answer) as { session_id: string }).session_id;
}

async function hypervisorNames(lab: Lab): Promise<readonly string[]> {
  const headers = { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') };
  const answer = await call({ method: 'GET', url: `${lab.computeUrl}/os-hypervisors/detail`, headers });
  return (jsonOf(answer) as { hypervisors: { hypervisor_hostname: string }[] }).hypervisors.map(
    ({ hypervisor_hostname: name }) => name,
  );
}

/** `strftime('%Y-%m-%d %H:%M:%S')` of a UTC time: the seconds are cut. */
function wireTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}
