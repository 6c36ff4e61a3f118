import { z } from 'zod';
import type { Answer } from '../wire/call.ts';
import { isUp, setDisabled, setForcedDown } from '../model/service-operations.ts';
import type { Service } from '../model/types.ts';
import { type NovaContext, type NovaRoute, ok, requireAdmin, since, time } from './nova-context.ts';
import { badRequest, notFound } from './nova-error.ts';
import { invalidInput, pythonRepr } from './python-repr.ts';

/** Seconds between two reports of a service that is alive. */
const reportEverySeconds = 10;

const byName = z.object({
  host: z.string(),
  binary: z.string(),
  disabled_reason: z.string().optional(),
  forced_down: z.boolean().optional(),
});
const byId = z.object({
  status: z.enum(['enabled', 'disabled']).optional(),
  disabled_reason: z.string().optional(),
  forced_down: z.boolean().optional(),
});

/** os-services: listed, closed and opened, in the way before 2.53 and in the one since. */
export const serviceRoutes: readonly NovaRoute[] = [
  { method: 'GET', path: '/os-services', name: 'os-services.list', handle: list },
  {
    method: 'PUT',
    path: '/os-services/:service',
    name: 'os-services.update',
    handle: (context, { service = '' }) =>
      context.minor >= 53 ? updateById(context, service) : updateByName(context, service),
  },
];

function view(context: NovaContext, service: Service): unknown {
  const { cloud } = context;
  const lastReport = Math.floor(cloud.now() / 1000 / reportEverySeconds) * reportEverySeconds * 1000;
  return {
    binary: service.binary,
    host: service.host,
    id: context.minor >= 53 ? service.uuid : service.number,
    zone: service.zone,
    status: service.disabled ? 'disabled' : 'enabled',
    state: isUp(service) ? 'up' : 'down',
    updated_at: time(service.alive ? Math.max(lastReport, service.changedAt) : service.changedAt),
    disabled_reason: service.disabledReason,
    ...since(context, 11, { forced_down: service.forcedDown }),
  };
}

function list(context: NovaContext): Answer {
  requireAdmin(context, 'os-services:list');
  const { query } = context.call;
  const host = query.get('host') ?? '';
  const binary = query.get('binary') ?? '';
  const services = context.cloud.services.filter(
    (service) => (host === '' || service.host === host) && (binary === '' || service.binary === binary),
  );
  return ok({ services: services.map((service) => view(context, service)) });
}

/** What is wrong with a body, in Nova's words for the field that came up in practice. */
function problem(error: z.ZodError, body: unknown): string {
  const field = error.issues[0]?.path[0];
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[String(field)] : body;
  if (field === 'status') {
    return invalidInput('status', value, `${pythonRepr(value)} is not one of ['enabled', 'disabled']`);
  }
  return z.prettifyError(error);
}

async function updateById(context: NovaContext, id: string): Promise<Answer> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw badRequest(`Invalid uuid ${id}`);
  const parsed = byId.safeParse(context.call.body);
  if (!parsed.success) throw badRequest(problem(parsed.error, context.call.body));
  requireAdmin(context, 'os-services:update');
  const service = context.cloud.services.find((one) => one.uuid === id);
  if (service === undefined) throw notFound(`Service ${id} could not be found.`);
  if (service.binary !== 'nova-compute') {
    throw badRequest(
      `Updating a ${service.binary} service is not supported. Only nova-compute services can be updated.`,
    );
  }
  const { status, disabled_reason: reason = null, forced_down: down } = parsed.data;
  if (status === undefined && down === undefined) {
    throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  }
  if (status !== 'disabled' && reason !== null) {
    throw badRequest('Specifying disabled_reason when enabling the service is not allowed.');
  }
  if (status !== undefined) await setDisabled(context.cloud, service, status === 'disabled', reason);
  if (down !== undefined) setForcedDown(context.cloud, service, down);
  return ok({ service: view(context, service) });
}

async function updateByName(context: NovaContext, action: string): Promise<Answer> {
  requireAdmin(context, 'os-services:update');
  const parsed = byName.safeParse(context.call.body);
  if (!parsed.success) throw badRequest(problem(parsed.error, context.call.body));
  const { host, binary, disabled_reason: reason, forced_down: down } = parsed.data;
  const known = ['enable', 'disable', 'disable-log-reason', ...(context.minor >= 11 ? ['force-down'] : [])];
  if (!known.includes(action)) throw notFound('Unknown action');
  if (!context.cloud.services.some((service) => service.host === host)) {
    throw notFound(`Host '${host}' is not mapped to any cell`);
  }
  const service = context.cloud.services.find((one) => one.host === host && one.binary === binary);
  if (service === undefined) throw notFound(`Could not find binary ${binary} on host ${host}.`);
  if (action === 'force-down') {
    if (down === undefined) throw badRequest('Missing forced_down field');
    setForcedDown(context.cloud, service, down);
    return ok({ service: { host, binary, forced_down: down } });
  }
  const disable = action !== 'enable';
  if (action === 'disable-log-reason' && reason === undefined)
    throw badRequest('Missing disabled reason field');
  const kept = action === 'disable-log-reason' ? (reason ?? null) : null;
  await setDisabled(context.cloud, service, disable, kept);
  return ok({
    service: {
      host,
      binary,
      status: disable ? 'disabled' : 'enabled',
      ...(kept === null ? {} : { disabled_reason: kept }),
    },
  });
}
