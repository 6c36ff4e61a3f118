import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { notificationOf, type NotifyCommand } from '../../../src/engine/notification-payload.ts';
import { checkout } from '../../packaging/image-file.ts';

const read = (file: string): unknown =>
  parse(readFileSync(join(checkout, 'packaging/ceilometer', file), 'utf8'));

interface Definition {
  readonly event_type: string;
  readonly traits: Readonly<Record<string, { readonly fields: string; readonly type?: string }>>;
}

const commands: readonly NotifyCommand[] = [
  {
    kind: 'notify_project',
    projectId: 'p',
    state: 'MAINTENANCE',
    allowedActions: [],
    actionsAt: 0,
    replyAt: 0,
    metadata: {},
  },
  { kind: 'notify_host', host: 'compute-1', state: 'IN_MAINTENANCE' },
  { kind: 'notify_session', state: 'MAINTENANCE', percentDone: 0 },
];
const sent = commands.map((command) =>
  notificationOf(command, { sessionId: 's', publicUrl: 'http://fenix', infrastructureProjectId: 'i' }),
);

test('Ceilometer is told of every field of every notification, and of no others', () => {
  const definitions = read('event_definitions.yaml') as readonly Definition[];
  expect(definitions.map(({ event_type }) => event_type)).toEqual(sent.map(({ eventType }) => eventType));
  for (const [index, { traits }] of definitions.entries()) {
    const fields = Object.keys(sent[index]?.payload ?? {});
    expect(Object.keys(traits).toSorted()).toEqual(fields.toSorted());
    for (const [name, trait] of Object.entries(traits)) expect(trait.fields).toBe(`payload.${name}`);
  }
});

test('times are defined as such: a VNFM gets them with a T', () => {
  const [scheduled] = read('event_definitions.yaml') as readonly Definition[];
  const times = Object.entries(scheduled?.traits ?? {}).filter(([, { type }]) => type === 'datetime');
  expect(times.map(([name]) => name)).toEqual(['actions_at', 'reply_at']);
});

test('events go where Aodh listens', () => {
  expect(read('event_pipeline.yaml')).toMatchObject({
    sinks: [{ publishers: ['notifier://?topic=alarm.all'] }],
  });
});
