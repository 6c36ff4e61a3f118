/** A session as an admin asks for it: what the schema cannot say is checked here. */
import { pythonRepr } from '../../domain/python-repr.ts';
import type { SessionRequest } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { ApiError } from '../api-error.ts';
import { parseTime } from './time.ts';

/** Ceilometer cuts a text trait there, and a cut one cannot be read any more (facts 4.3). */
const longestTrait = 255;

/** Workflows that the contract names and this version does not have. */
const workflowsToCome = ['vnf', 'k8s'];

/** @throws ApiError 422 */
export function parseSessionRequest(body: components['schemas']['SessionRequest']): SessionRequest {
  const { workflow = 'default', hosts = [], metadata = {} } = body;
  if (workflow !== 'default') refuseWorkflow(workflow);
  refuseWhatIsToCome(body);
  // Python counts code points, JavaScript's `length` UTF-16 units.
  const metadataLength = Array.from(pythonRepr(metadata)).length;
  if (metadataLength > longestTrait) {
    const message = `Its text in Python's notation has ${metadataLength} characters; at most ${longestTrait} reach an application.`;
    throw new ApiError('invalid_request', message, { pointer: '/metadata' });
  }
  const maintenanceAt = parseTime(body.maintenance_at);
  if (maintenanceAt === undefined) {
    const message = `"${body.maintenance_at}" is not a date and time: write it as 2026-11-03 02:30:00, in UTC.`;
    throw new ApiError('invalid_request', message, { pointer: '/maintenance_at' });
  }
  return { workflow, hosts, maintenanceAt, metadata };
}

function refuseWorkflow(workflow: string): never {
  if (workflowsToCome.includes(workflow)) {
    throw new ApiError('feature_not_available', `The workflow ${workflow} is not built yet: use default.`, {
      pointer: '/workflow',
    });
  }
  throw new ApiError('unknown_workflow', `"${workflow}" is no workflow: use default.`, {
    pointer: '/workflow',
  });
}

function refuseWhatIsToCome({ actions = [], download = [] }: components['schemas']['SessionRequest']): void {
  if (actions.length > 0) {
    throw new ApiError('feature_not_available', 'Action plug-ins are not built yet: leave them out.', {
      pointer: '/actions',
    });
  }
  if (download.length > 0) {
    throw new ApiError('feature_not_available', 'Downloads are not built yet: leave them out.', {
      pointer: '/download',
    });
  }
}
