/** aodhclient, library and command line: our alarms (`/v2/alarms`, notifications.driver `webhook`) beside real Aodh's. */
import { beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../support/client.ts';
import { onBothClouds, type BothClouds, type ClientCloud } from './clouds.ts';
import { installedVersion } from './installed-version.ts';
import { openstack, recordSteps, type CommandResult, type Step } from './python.ts';
import { recordOf, withoutAccidents } from './same-in-both.ts';

const facts = client({
  name: 'python-aodhclient',
  version: '3.0.0 (Debian 12)',
  ran: 'library and `openstack alarm`: alarms of type event made, listed, shown, changed, queried, their state read and set, deleted; as a member and as admin',
  against: 'our server with the lab, real Aodh 15',
  result:
    'the same answers. A request that makes no sense is refused by us with 422 where Aodh says 400, so aodhclient raises ClientException and not BadRequest',
});

interface Played {
  readonly steps: readonly Step[];
  readonly commands: Readonly<Record<string, CommandResult>>;
}

/** What a user does by hand (README), and what an admin looks at. */
async function playCommands({ doctor, admin }: ClientCloud): Promise<Played['commands']> {
  const made = await openstack(doctor, {
    create:
      'alarm create --name by-hand --type event --event-type maintenance.scheduled --repeat-actions True ' +
      '--alarm-action http://127.0.0.1:9/maintenance --query traits.state=string::MAINTENANCE -f json',
    'create with a plain query':
      'alarm create --name by-hand-2 --type event --query traits.state=MAINTENANCE -f json',
  });
  const listed = await openstack(admin, {
    'list all': 'alarm list --filter all_projects=true --sort name:asc -f json',
  });
  const rest = await openstack(doctor, {
    list: 'alarm list --sort name:asc -f json',
    show: 'alarm show --name by-hand -f json',
    update: 'alarm update --name by-hand --severity critical --enabled False -f json',
    'set state': 'alarm state set --name by-hand --state alarm -f json',
    'get state': 'alarm state get --name by-hand -f json',
    query: 'alarm list --query severity=critical -f json',
    delete: 'alarm delete --name by-hand',
    'delete the other': 'alarm delete --name by-hand-2',
    'show what is gone': 'alarm show --name by-hand -f json',
  });
  return { ...made, ...listed, ...rest };
}

let played: BothClouds<Played>;

beforeAll(async () => {
  played = await onBothClouds({}, async (cloud) => ({
    steps: await recordSteps('aodhclient_driver', { admin: cloud.admin, doctor: cloud.doctor }),
    commands: await playCommands(cloud),
  }));
});

it('is the version that the table tells', async () => {
  expect(facts.version).toContain(await installedVersion('python3-aodhclient'));
});

describe.each(['lab', 'real'] as const)('%s', (name) => {
  it('does for the library what it asks', () => {
    const record = recordOf(played[name].steps);
    expect(record).toMatchObject({
      create: { name: 'app-maintenance', state: 'insufficient data', repeat_actions: true },
      list: ['app-host', 'app-maintenance', 'least'],
      'list of an admin': ['of admin'],
      'list all projects as admin': ['app-host', 'app-maintenance', 'least', 'of admin'],
      'list all projects as a member': { raised: 'Forbidden', status: 403 },
      'query with and, or, not': ['least'],
      'query other projects as admin': ['app-host', 'app-maintenance', 'least'],
      'show after the update': {
        severity: 'critical',
        repeat_actions: false,
        enabled: false,
        event_rule: { event_type: 'maintenance.*' },
      },
      'get state after': 'ok',
      'show of another project': { raised: 'NotFound', status: 404 },
      'show after the deletion': { raised: 'NotFound', status: 404 },
      'list after the deletion': [],
    });
  });

  it('does for the command line what it asks', () => {
    const { commands } = played[name];
    const { 'show what is gone': gone, ...others } = commands;
    expect(Object.values(others).filter(({ status }) => status !== 0)).toEqual([]);
    expect(commands['create']?.output).toMatchObject({
      name: 'by-hand',
      event_type: 'maintenance.scheduled',
    });
    expect(commands['list all']?.output).toContainEqual(expect.objectContaining({ name: 'by-hand' }));
    expect(commands['get state']?.output).toEqual({ state: 'alarm' });
    expect(gone?.status).not.toBe(0);
  });
});

/** Ours says 422 where a body or a query of it has the wrong form; Aodh says 400. */
function asAodhSays(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('raised' in value)) return value;
  const { raised, status } = value as { raised: string; status?: unknown };
  return status === 422 ? { raised: 'BadRequest', status: 400 } : { raised, status };
}

/** Aodh tells the microseconds of this moment only in the answer to the call that set it. */
function withoutEvaluation(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'evaluate_timestamp'));
}

const comparable = (steps: readonly Step[]) =>
  Object.fromEntries(
    Object.entries(recordOf(steps)).map(([step, value]) => [step, withoutEvaluation(asAodhSays(value))]),
  );

it('gives the library the same from us as from Aodh', () => {
  expect(comparable(played.lab.steps)).toEqual(comparable(played.real.steps));
});

it('gives the command line the same from us as from Aodh', () => {
  const shown = ({ commands }: Played) =>
    Object.fromEntries(
      Object.entries(commands).map(([name, { status, output }]) => {
        // The real cloud may have alarms of others.
        const ours = Array.isArray(output)
          ? output.filter((one) => (one as { name: string }).name.startsWith('by-hand'))
          : output;
        return [name, { status, output: withoutEvaluation(withoutAccidents(ours)) }];
      }),
    );
  expect(shown(played.lab)).toEqual(shown(played.real));
});
