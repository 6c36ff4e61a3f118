import { percentDone } from '../../domain/session-view.ts';
import type { Session } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { campaignView } from './campaign.ts';
import { hostRow, instanceRow, projectRow, sessionRow } from './session-rows.ts';
import { workRows } from './work-rows.ts';

/** Everything about a session. */
export function sessionDetail(session: Session): components['schemas']['SessionDetail'] {
  return {
    session_id: session.id,
    state: session.state,
    percent_done: percentDone(session),
    failure_reason: session.failure ?? null,
    session: sessionRow(session),
    hosts: session.hosts.map((host) => hostRow(session, host)),
    projects: Object.values(session.projects).map((project) => projectRow(session, project)),
    instances: [...session.instances.values()]
      .filter((instance) => session.projects[instance.projectId] !== undefined)
      .map((instance) => instanceRow(session, instance)),
    ...workRows(session),
    ...campaignView(session),
  };
}
