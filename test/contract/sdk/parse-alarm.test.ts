import { describe, expect, it } from 'vitest';
import { pythonStr } from '../../../src/domain/python-repr.ts';
import { AlarmParseError, parseAlarm } from '../../../src/sdk/index.ts';
import recorded from './recordings/aodh-webhooks.json' with { type: 'json' };

const session = '47479bca-7f0e-11ea-99c9-2c600c9893ee';
const project = '926e3460824242198820829bdc27a6b5';
const url = `http://127.0.0.1:12347/v1/maintenance/${session}/${project}`;

/** An alarm with these traits, in the form of facts 4.4. */
function alarm(eventType: string, traits: Record<string, unknown>): unknown {
  return {
    alarm_name: 'an alarm',
    alarm_id: 'a1e4c7d2-6a0f-4a5e-9d38-5e4f8b2c7a10',
    reason_data: {
      type: 'event',
      event: {
        message_id: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
        event_type: eventType,
        generated: '2026-11-03T02:20:12.482913',
        traits: Object.entries({ project_id: project, session_id: session, ...traits }).map(
          ([name, value]) => [name, 1, pythonStr(value)],
        ),
      },
    },
  };
}

const scheduled = (traits: Record<string, unknown>) =>
  parseAlarm(
    alarm('maintenance.scheduled', {
      state: 'PLANNED_MAINTENANCE',
      instance_ids: ['one'],
      allowed_actions: ['MIGRATE'],
      reply_url: url,
      ...traits,
    }),
  );

describe('parseAlarm, of what a real Aodh posted,', () => {
  it('reads a question to a project', () => {
    expect(parseAlarm(recorded.instance_ids_url)).toEqual({
      eventType: 'maintenance.scheduled',
      state: 'MAINTENANCE',
      messageId: '493d694c-750d-4b90-bb7e-3eafcade1717',
      alarmName: 'sample_maintenance',
      generatedAt: new Date('2026-11-22T21:42:56.214Z'),
      projectId: project,
      sessionId: session,
      instanceIds: url,
      replyUrl: url,
      allowedActions: [],
      actionsAt: new Date('2030-01-01T10:00:00Z'),
      metadata: { openstack_release: 'Zed' },
    });
  });

  it('undoes lists and nested objects in the notation of Python', () => {
    expect(parseAlarm(recorded.lists)).toMatchObject({
      state: 'PREPARE_MAINTENANCE',
      instanceIds: ['796f3b80-09a1-479c-866e-bdf442ecd41e', '0dc9d729-7484-446a-a964-a1b62639feeb'],
      allowedActions: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
      actionsAt: new Date('2030-01-01T10:00:00Z'),
      metadata: { openstack_release: 'Zed', nested: { list: [1, true, null, `it's "quoted"`] } },
    });
  });

  it('bears traits that are missing because they were null', () => {
    const notification = parseAlarm(recorded.one_element_list_empty_dict_null);
    expect(notification).toMatchObject({ instanceIds: ['one'], allowedActions: ['MIGRATE'], metadata: {} });
    expect(notification).not.toHaveProperty('actionsAt');
  });

  it('reads JSON that Ceilometer left as it was', () => {
    expect(parseAlarm(recorded.json_strings)).toMatchObject({
      state: 'MAINTENANCE_COMPLETE',
      allowedActions: ['MIGRATE'],
      metadata: { openstack_release: 'Zed' },
    });
  });

  it('reads what is told of a host, from text too', () => {
    expect(parseAlarm(JSON.stringify(recorded.host))).toEqual({
      eventType: 'maintenance.host',
      host: 'compute-1',
      state: 'IN_MAINTENANCE',
      messageId: 'f2ba4549-2590-4eb9-8a76-3d5ab9c5ec47',
      alarmName: 'sample_host',
      generatedAt: new Date('2026-11-22T21:42:58.658Z'),
      projectId: '5e77f9b80edd4aae87a84a88d8e2fc15',
      sessionId: session,
    });
  });
});

describe('parseAlarm', () => {
  it('reads INSTANCE_ACTION_DONE', () => {
    const done = scheduled({ state: 'INSTANCE_ACTION_DONE', allowed_actions: [], instance_ids: ['i'] });
    expect(done).toMatchObject({ state: 'INSTANCE_ACTION_DONE', instanceIds: ['i'], replyUrl: url });
  });

  it('reads what is told of a session', () => {
    const notification = parseAlarm(
      alarm('maintenance.session', { state: 'MAINTENANCE_DONE', percent_done: 100 }),
    );
    expect(notification).toMatchObject({ state: 'MAINTENANCE_DONE', percentDone: 100 });
  });

  it.each([
    ['2026-11-03 02:31:40', '2026-11-03T02:31:40.000Z'],
    ['2026-11-03T02:31:40.482913', '2026-11-03T02:31:40.482Z'],
    ['2026-11-03T02:31:40Z', '2026-11-03T02:31:40.000Z'],
    ['2026-11-03T02:31:40+0200', '2026-11-03T00:31:40.000Z'],
  ])('takes the time %s', (text, iso) => {
    expect(scheduled({ reply_at: text })).toMatchObject({ replyAt: new Date(iso) });
  });

  it('takes one bare id, as the first admin tool of Doctor sent it', () => {
    expect(scheduled({ instance_ids: 'one' })).toMatchObject({ instanceIds: ['one'] });
  });

  it('leaves out actions that it does not know', () => {
    expect(scheduled({ allowed_actions: ['EVICTION', 'OWN_ACTION'] })).toMatchObject({
      allowedActions: ['OWN_ACTION'],
    });
  });

  it.each([
    ['not JSON', '{"alarm_name"', 'the body is not JSON'],
    ['no object', '[]', 'the body is not an object'],
    [
      'no event alarm',
      { alarm_name: 'x', reason_data: {} },
      'reason_data has no event: this is not an event alarm',
    ],
    [
      'another event',
      alarm('compute.instance.update', {}),
      'event type compute.instance.update is not about',
    ],
    ['a missing trait', alarm('maintenance.host', { state: 'IN_MAINTENANCE' }), 'trait host is missing'],
    [
      'an unknown state',
      alarm('maintenance.host', { host: 'h', state: 'GONE' }),
      'state is "GONE", known are IN_',
    ],
  ])('says what is wrong with %s', (_, body, message) => {
    expect(() => parseAlarm(body)).toThrow(AlarmParseError);
    expect(() => parseAlarm(body)).toThrow(message);
  });

  it('says so when Ceilometer cut a list off', () => {
    const ids = Array.from({ length: 7 }, (_, n) => `c3a5f1de-0b77-4f0e-8a53-6d1e2b9f4c1${n}`);
    const cut = pythonStr(ids).slice(0, 255);
    expect(() => scheduled({ instance_ids: cut })).toThrow(/instance_ids.*Ceilometer cut off the rest/);
  });

  it('never runs what it reads', () => {
    expect(() => scheduled({ metadata: "__import__('os').system('id')" })).toThrow(
      'is a name, not a literal',
    );
  });

  it('says what a bad time is', () => {
    expect(() => scheduled({ reply_at: 'soon' })).toThrow('reply_at is "soon", not YYYY-MM-DDTHH:MM:SS');
  });
});
