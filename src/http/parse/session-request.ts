/** A session as an admin asks for it: what the schema cannot say is checked here. */
import { pythonRepr } from '../../domain/python-repr.ts';
import type { ActionPluginRequest, Download } from '../../domain/action-plugin.ts';
import { workflowNames, type SessionRequest, type WorkflowName } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import { parseTimeWithin } from './time.ts';

/** Ceilometer cuts a text trait there, and a cut one cannot be read any more (facts 4.3). */
const longestTrait = 255;

/** @throws ApiError 422 */
export function parseSessionRequest(body: components['schemas']['SessionRequest']): SessionRequest {
  const { hosts = [], metadata = {} } = body;
  const workflow = parseWorkflow(body.workflow ?? 'default');
  // Python counts code points, JavaScript's `length` UTF-16 units.
  const metadataLength = Array.from(pythonRepr(metadata)).length;
  if (metadataLength > longestTrait) {
    const message = `Its text in Python's notation has ${metadataLength} characters; at most ${longestTrait} reach an application.`;
    throw new ApiError('invalid_request', message, { pointer: '/metadata' });
  }
  refuseForDefault(workflow, body);
  // A time that is past is left to the session, which knows how late it may be (facts 8.3, question 6).
  const maintenanceAt = parseTimeWithin(body.maintenance_at, '/maintenance_at');
  return {
    workflow,
    hosts,
    maintenanceAt,
    metadata,
    actions: parseActions(body.actions ?? []),
    downloads: (body.download ?? []).map(parseDownload),
    ...(body.parallel_hosts !== undefined && { parallelHosts: body.parallel_hosts }),
    ...parseWindow(body.window_ends_at, maintenanceAt),
    ...(body.failure_policy !== undefined && { failurePolicy: body.failure_policy }),
    ...(body.plan_id !== undefined && { planId: body.plan_id.toLowerCase() }),
  };
}

/** What only the workflow `vnf` knows: silently left out, an admin would wait for it in vain. */
function refuseForDefault(workflow: WorkflowName, body: components['schemas']['SessionRequest']): void {
  if (workflow === 'vnf') return;
  const given = [
    ...(body.parallel_hosts === undefined ? [] : ['parallel_hosts']),
    ...(body.window_ends_at === undefined ? [] : ['window_ends_at']),
    ...((body.failure_policy ?? 'fail') === 'fail' ? [] : ['failure_policy']),
  ];
  const [field] = given;
  if (field === undefined) return;
  const message = `Only the workflow vnf has ${field}: ask for that workflow, or leave it out.`;
  throw new ApiError('invalid_request', message, { pointer: `/${field}` });
}

function parseWindow(text: string | undefined, maintenanceAt: number): Pick<SessionRequest, 'windowEndsAt'> {
  if (text === undefined) return {};
  const windowEndsAt = parseTimeWithin(text, '/window_ends_at');
  if (windowEndsAt > maintenanceAt) return { windowEndsAt };
  const message = 'The window ends before the maintenance begins: give a time after maintenance_at.';
  throw new ApiError('invalid_request', message, { pointer: '/window_ends_at' });
}

function parseWorkflow(name: string): WorkflowName {
  const workflow = workflowNames.find((known) => known === name);
  if (workflow !== undefined) return workflow;
  const message = `"${name}" is no workflow: use ${workflowNames.join(' or ')}.`;
  throw new ApiError('unknown_workflow', message, { pointer: '/workflow' });
}

/** A name may come once: Fenix keeps one row for each (facts 6). */
function parseActions(
  actions: readonly components['schemas']['ActionPluginRequest'][],
): readonly ActionPluginRequest[] {
  const names = actions.map(({ plugin }) => plugin);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated !== -1) {
    throw new ApiError('invalid_request', `The plug-in ${names[repeated]} comes twice.`, {
      pointer: `/actions/${repeated}/plugin`,
    });
  }
  return actions.map(({ plugin, type, metadata = {} }) => ({ plugin, type, metadata }));
}

/** Fenix's documents show addresses as text and as objects (facts 1.4). */
function parseDownload(download: components['schemas']['DownloadRequest']): Download {
  if (typeof download === 'string') return { url: download };
  const { url, sha256 } = download;
  return { url, ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }) };
}
