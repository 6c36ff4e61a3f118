import { describe, expect, it } from 'vitest';
import { AodhSubscriptions } from '../../../src/adapters/aodh/aodh-subscriptions.ts';
import type { HttpAnswer } from '../../../src/adapters/http-client/http-client.ts';
import { AnswerLost } from '../../../src/adapters/http-client/http-errors.ts';

const { signal } = new AbortController();
const alarm = (project_id: string, event_type: string, fields: object = {}) => ({
  alarm_id: 'a',
  type: 'event',
  enabled: true,
  project_id,
  event_rule: { event_type, query: [] },
  ...fields,
});

function subscriptions(answer: Partial<HttpAnswer> | Error) {
  return new AodhSubscriptions({
    request: ({ path }) => {
      expect(path).toBe('/v2/alarms?q.field=all_projects&q.op=eq&q.value=true');
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: 200, headers: {}, body: [], ...answer });
    },
  });
}

describe('AodhSubscriptions', () => {
  it('finds who has an event alarm that maintenance.scheduled sets off', async () => {
    const body = [
      alarm('exact', 'maintenance.scheduled'),
      alarm('pattern', 'maintenance.*'),
      alarm('all', '*'),
      alarm('other', 'maintenance.host'),
      alarm('near', 'maintenance.scheduled.x'),
      alarm('disabled', 'maintenance.scheduled', { enabled: false }),
      alarm('metrics', 'x', {
        type: 'gnocchi_resources_threshold',
        event_rule: undefined,
        threshold_rule: {},
      }),
      alarm('odd', 'maintenance.scheduled', { type: 'composite' }),
      alarm('not asked for', '*'),
      alarm('exact', 'maintenance.host'),
    ];
    const asked = ['all', 'disabled', 'exact', 'metrics', 'near', 'nobody', 'odd', 'other', 'pattern'];
    const found = await subscriptions({ body }).subscribedProjects(asked, signal);
    expect(found).toEqual(['all', 'exact', 'pattern']);
  });

  it.each([
    [new AnswerLost('reset'), 'unavailable', /reset/],
    [{ status: 503, body: 'busy' }, 'unavailable', /503.*busy/],
    [
      { status: 403, body: { error_message: { faultcode: 'Client', faultstring: 'not allowed' } } },
      'failed',
      /403: not allowed/,
    ],
    [{ status: 200, body: { alarms: [] } }, 'failed', /not as expected/],
  ])('says what is wrong: %j', async (answer, code, message) => {
    const error: unknown = await subscriptions(answer)
      .subscribedProjects(['p'], signal)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'CloudError', code });
    expect(String(error)).toMatch(message);
  });
});
