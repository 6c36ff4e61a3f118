import { z } from 'zod';
import { fnmatch } from '../../domain/fnmatch.ts';
import { CloudError } from '../../engine/ports.ts';
import { cloudErrorOf, refusalOf } from '../http-client/cloud-error.ts';
import type { HttpAnswer } from '../http-client/http-client.ts';
import type { ServiceApi } from '../http-client/service-api.ts';

const alarmsSchema = z.array(
  z.object({
    type: z.string(),
    enabled: z.boolean().default(true),
    project_id: z.string().nullish(),
    event_rule: z.object({ event_type: z.string().default('*') }).nullish(),
  }),
);

/** The notification that a project must hear to take part in a session (facts 3.2). */
const scheduled = 'maintenance.scheduled';

const asked = { service: 'Aodh', what: 'the list of alarms', repeatable: true };

/** Who listens, as Aodh's alarms tell. */
export class AodhSubscriptions {
  readonly #service: ServiceApi;

  /** @param service Aodh at its root, without version, spoken to as an admin. */
  constructor(service: ServiceApi) {
    this.#service = service;
  }

  /**
   * Which of these projects have an event alarm that `maintenance.scheduled` sets off. Event types are matched with
   * fnmatch, as Aodh does itself; alarms of other kinds have no `event_rule` (facts 4.4). Aodh gives out all alarms at
   * once unless a limit is asked for, so there are no pages to turn.
   * @throws CloudError
   */
  async subscribedProjects(projectIds: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#listAlarms(signal);
    if (answer.status !== 200) throw refusalOf(answer, asked);
    const alarms = alarmsSchema.safeParse(answer.body);
    if (!alarms.success) {
      throw new CloudError(
        'failed',
        `Aodh: the list of alarms is not as expected:\n${z.prettifyError(alarms.error)}`,
      );
    }
    const listening = new Set(
      alarms.data
        .filter(
          ({ type, enabled, event_rule }) =>
            type === 'event' && enabled && event_rule != null && fnmatch(event_rule.event_type, scheduled),
        )
        .map(({ project_id }) => project_id),
    );
    return projectIds.filter((projectId) => listening.has(projectId));
  }

  async #listAlarms(signal: AbortSignal): Promise<HttpAnswer> {
    const query = 'q.field=all_projects&q.op=eq&q.value=true';
    try {
      return await this.#service.request({ method: 'GET', path: `/v2/alarms?${query}`, signal });
    } catch (error) {
      throw cloudErrorOf(error, asked);
    }
  }
}
