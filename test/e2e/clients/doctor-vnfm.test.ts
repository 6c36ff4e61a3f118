/** Doctor's `vnfm.py`, workflow `vnf` (facts 8.2b): constraints first, a list literal for each instance, DELETE at the end. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { startServerOnLab, type ServerOnLab } from '../../support/server-on-lab.ts';
import { call, jsonOf } from '../../support/strangers/call.ts';
import {
  requireMigrate,
  startDoctorManager,
  type DoctorHands,
  type ReplyFields,
} from '../../support/strangers/doctor-app-manager.ts';
import type { DoctorPayload } from '../../support/strangers/doctor-traits.ts';
import { driveSession } from '../../support/strangers/doctor-test-driver.ts';
import { jsonHeaders, serversOf, tokenOf, type NovaServer } from '../../support/strangers/keystone.ts';

client({
  name: "Doctor's vnfm.py",
  version: 'opnfv/doctor 72a1f8c (October 2020) as facts 3.8 and 8.2 tell it, app_manager/vnfm.py',
  ran: 'played call by call: endpoint of type maintenance from Keystone, constraints of two groups and all instances, replies for each instance, DELETE of all constraints',
  against: 'the lab, with alarms of our own',
});

/** The constraints that it registers, and removes in the end. */
class Constraints {
  readonly #endpoint: string;
  readonly #token: () => Promise<string>;
  readonly #rows: { readonly path: string; readonly row: Readonly<Record<string, unknown>> }[] = [];

  constructor(endpoint: string, token: () => Promise<string>) {
    this.#endpoint = endpoint;
    this.#token = token;
  }

  async register(
    projectId: string,
    haGroupId: string,
    servers: readonly NovaServer[],
    lead: number,
  ): Promise<void> {
    const nonHaGroupId = randomUUID();
    const group = (id: string, name: string, isHa: boolean) => ({
      group_id: id,
      project_id: projectId,
      group_name: name,
      anti_affinity_group: isHa,
      max_instances_per_host: isHa ? 1 : 0,
      max_impacted_members: isHa ? 1 : 2,
      recovery_time: isHa ? 1 : 0,
      resource_mitigation: true,
    });
    await this.#put(`instance_group/${nonHaGroupId}`, group(nonHaGroupId, 'doctor_nonha_app_group', false));
    await this.#put(`instance_group/${haGroupId}`, group(haGroupId, 'doctor_ha_app_group', true));
    for (const { id, name } of servers) {
      await this.#put(`instance/${id}`, {
        instance_id: id,
        project_id: projectId,
        group_id: name.includes('doctor_ha_app_') ? haGroupId : nonHaGroupId,
        instance_name: name,
        max_interruption_time: 120,
        migration_type: 'MIGRATE',
        resource_mitigation: true,
        lead_time: lead,
      });
    }
  }

  /** Instances first, then groups. */
  async remove(): Promise<void> {
    for (const { path } of this.#rows.toReversed()) await this.#request('DELETE', path);
  }

  async #put(path: string, row: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#request('PUT', path, JSON.stringify(row));
    this.#rows.push({ path, row });
  }

  async #request(method: string, path: string, data?: string): Promise<void> {
    const { status, text } = await call({
      method,
      url: `${this.#endpoint}/${path}`,
      headers: { ...jsonHeaders, 'X-Auth-Token': await this.#token() },
      ...(data !== undefined && { data }),
    });
    if (status !== 200 && status !== 204) throw new Error(text);
  }
}

/** The last service of the type, and its first public endpoint. */
async function maintenanceEndpoint({ lab }: ServerOnLab): Promise<string> {
  const headers = { ...jsonHeaders, 'X-Auth-Token': await tokenOf(lab, 'admin', 'admin') };
  const list = async <T>(path: string) =>
    jsonOf(await call({ method: 'GET', url: `${lab.authUrl}/${path}`, headers })) as T;
  const { services } = await list<{ services: { id: string; type: string }[] }>('services');
  const service = services.findLast(({ type }) => type === 'maintenance');
  const { endpoints } = await list<{
    endpoints: { service_id: string; interface: string; url: string }[];
  }>('endpoints');
  const endpoint = endpoints.find(
    ({ service_id: id, interface: kind }) => id === service?.id && kind === 'public',
  );
  if (endpoint === undefined) throw new Error('no endpoint of type maintenance');
  return endpoint.url;
}

async function haGroupOf({ lab }: ServerOnLab, token: string): Promise<string> {
  const url = `${lab.computeUrl}/os-server-groups`;
  const answer = await call({ method: 'GET', url, headers: { ...jsonHeaders, 'X-Auth-Token': token } });
  const { server_groups: groups } = jsonOf(answer) as { server_groups: { id: string; name: string }[] };
  return groups.find(({ name }) => name === 'doctor_ha_app_group')?.id ?? '';
}

function vnfm(original: number, own: readonly string[]) {
  return async (payload: DoctorPayload, hands: DoctorHands): Promise<ReplyFields | undefined> => {
    const { state, instance_ids: instanceIds } = payload;
    switch (state) {
      case 'MAINTENANCE': {
        const ids = await hands.instanceIds(payload);
        return ids.every((id) => own.includes(id)) ? {} : { state: 'NACK_MAINTENANCE' };
      }
      case 'SCALE_IN':
        await hands.scale(-2);
        return {};
      case 'PREPARE_MAINTENANCE':
      case 'PLANNED_MAINTENANCE':
        requireMigrate(payload);
        if (!Array.isArray(instanceIds) || typeof instanceIds[0] !== 'string') {
          throw new Error(`no list literal: ${String(instanceIds)}`);
        }
        return { instance_action: 'MIGRATE' };
      case 'MAINTENANCE_COMPLETE': {
        const missing = original - (await hands.count());
        if (missing > 0) await hands.scale(missing);
        return {};
      }
      case 'INSTANCE_ACTION_DONE':
        return undefined;
      default:
        throw new Error(`received event with unknown state ${String(state)}`);
    }
  };
}

it('registers its constraints, plays a whole session, and removes them', async ({ onTestFinished }) => {
  const stage = await startServerOnLab(onTestFinished);
  const { lab, url } = stage;
  const token = () => tokenOf(lab, 'doctor', 'doctor');
  const servers = await serversOf(lab, await token());
  const endpoint = await maintenanceEndpoint(stage);
  expect(endpoint).toBe(`${url}/v1`);
  const constraints = new Constraints(endpoint, token);
  const projectId = lab.projects['doctor']?.id ?? '';
  await constraints.register(projectId, await haGroupOf(stage, await token()), servers, 40);

  const ids = servers.map(({ id }) => id);
  const manager = await startDoctorManager(onTestFinished, stage, {
    renewsToken: true,
    handle: vnfm(servers.length, ids),
  });
  const { state } = await driveSession(lab, {
    endpoint: `${url}/v1/maintenance`,
    workflow: 'vnf',
    leadSeconds: 6,
    auth: true,
  });

  expect(manager.raised).toEqual([]);
  expect(state).toBe('MAINTENANCE_DONE');
  expect(manager.replies.map(({ answer }) => answer.status)).toEqual(manager.replies.map(() => 200));
  const asked = manager.payloads.filter(({ state: asks }) => /^(PREPARE|PLANNED)/.test(String(asks)));
  expect(asked.length).toBeGreaterThan(0);
  for (const { instance_ids: list, reply_url: replyUrl } of asked) {
    expect(list).toHaveLength(1);
    expect(String(replyUrl).endsWith(`/${projectId}/${String((list as string[])[0])}`)).toBe(true);
  }
  expect(lab.servers()).toHaveLength(servers.length);
  expect(lab.hosts().map(({ status }) => status)).toEqual(lab.hosts().map(() => 'enabled'));
  await constraints.remove();
  const removed = await call({
    method: 'GET',
    url: `${url}/v1/instance/${ids[0] ?? ''}`,
    headers: { ...jsonHeaders, 'X-Auth-Token': await token() },
  });
  expect(removed.status).toBe(404);
});
