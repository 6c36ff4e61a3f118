/**
 * Prints docs/planning-example.md and its picture: what the planner says of one small campaign, so that the page cannot differ from
 * what is done. `--check` fails when a file is out of date.
 */
import { mkdirSync } from 'node:fs';
import { ganttSvg } from '../bench/makespan/gantt-svg.ts';
import type { Campaign, CampaignHost, CampaignInstance } from '../src/domain/planner/campaign.ts';
import { planCampaign } from '../src/domain/planner/plan-campaign.ts';
import { writeOrCheck } from './write-or-check.ts';

const hostCount = 10;
const emptyHosts = 2;
const slots = 4;
const names = Array.from({ length: hostCount }, (_, index) => `cmp-${String(index + 1).padStart(2, '0')}`);

const hosts = names.map((name, index): CampaignHost => ({
  name,
  capacity: { vcpus: slots * 4, memoryMb: slots * 8192, diskGb: slots * 40 },
  progress: 'waiting',
  takesInstances: true,
  maintenanceSeconds: 1200 + 60 * (index % 3),
  isReady: true,
}));

/** Each full host carries two of `web`, one of `db` and one of `batch`. */
const groups = [
  { id: 'web', slots: 2, recoverySeconds: 60, leadSeconds: 60, each: 2 },
  { id: 'db', slots: 1, recoverySeconds: 120, leadSeconds: 300, each: 1 },
  { id: 'batch', slots: 4, recoverySeconds: 0, leadSeconds: 0, each: 1 },
];

const instances = names.slice(emptyHosts).flatMap((host) =>
  groups.flatMap(({ id, leadSeconds, each }) =>
    Array.from({ length: each }, (_, number): CampaignInstance => ({
      id: `${id}-${host}-${number}`,
      projectId: id,
      host,
      size: { vcpus: 4, memoryMb: 8192, diskGb: 40 },
      action: 'LIVE_MIGRATE',
      moveSeconds: 60,
      isMoving: false,
      leadSeconds,
      groupId: id,
      impactedSeconds: 0,
      ruleIds: [],
    })),
  ),
);

const campaign: Campaign = {
  hosts,
  instances,
  groups: groups.map(({ id, slots: most, recoverySeconds }) => ({
    id,
    name: id,
    projectId: id,
    slots: most,
    recoverySeconds,
  })),
  rules: [],
  streams: { perHost: 2, total: 8 },
};

const plan = planCampaign(campaign);
const { certificate } = plan;

const time = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(Math.round(seconds - minutes * 60)).padStart(2, '0')}`;
};

const firstMove = (host: string) =>
  plan.moves.filter(({ from }) => from === host).map(({ startsAt }) => startsAt)[0];

const picture = ganttSvg(
  'The worked example: ten hosts, two of them empty',
  plan.hosts.map(({ host, maintenanceStartsAt, endsAt }) => {
    const drainFrom = firstMove(host);
    return { host, from: maintenanceStartsAt, to: endsAt, ...(drainFrom !== undefined && { drainFrom }) };
  }),
  certificate.lowerBoundSeconds,
);

const rows = plan.hosts.map(({ host, admittedAt, maintenanceStartsAt, endsAt }) => {
  const targets = [...new Set(plan.moves.filter(({ from }) => from === host).map(({ to }) => to ?? ''))];
  return `| ${host} | ${time(admittedAt)} | ${time(maintenanceStartsAt)} | ${time(endsAt)} | ${targets.join(', ')} |`;
});

const page = [
  '# A worked example',
  '',
  '<!-- Printed by `npx tsx scripts/generate-planning-docs.ts`; do not edit. -->',
  '',
  'What the planner ([planning.md](planning.md)) says of one small cloud. All times are minutes and seconds.',
  '',
  `Ten equal hosts with room for ${slots} instances each; ${names.slice(0, emptyHosts).join(' and ')} are empty, the others full. ` +
    'Maintenance takes 20, 21 or 22 minutes, a live migration one. A host sends two instances at once. Every full host carries',
  '',
  '| group | members on each host | impacted at once | recovery | lead time |',
  '| --- | --- | --- | --- | --- |',
  ...groups.map(
    ({ id, each, slots: most, recoverySeconds, leadSeconds }) =>
      `| ${id} | ${each} | ${most} | ${time(recoverySeconds)} | ${time(leadSeconds)} |`,
  ),
  '',
  `The plan takes **${time(plan.makespanSeconds)}**. Nothing could take less than **${time(certificate.lowerBoundSeconds)}**: ` +
    `the plan is ${certificate.ratio.toFixed(2)} times that.`,
  '',
  '![Each host while it is emptied and while it is maintained](images/planned-campaign.svg)',
  '',
  '| host | admitted | in maintenance from | finished | its instances go to |',
  '| --- | --- | --- | --- | --- |',
  ...rows,
  '',
  'The two empty hosts are maintained at once. Lead times run meanwhile, so that they cost nothing. As soon as a host is finished',
  'another one is emptied onto it. No host waits for a batch to end, and every instance moves once.',
  '',
  '## Its certificate',
  '',
  `Binding: \`${certificate.binding}\`.`,
  '',
  '| bound | at least | because |',
  '| --- | --- | --- |',
  ...certificate.bounds.map(
    ({ name, seconds, because }) => `| \`${name}\` | ${time(seconds)} | ${because} |`,
  ),
  '',
  'What it would help to relax:',
  '',
  '| constraint | by | the bound falls by |',
  '| --- | --- | --- |',
  ...certificate.prices.map(
    ({ constraint, relaxation, seconds }) => `| ${constraint} | ${relaxation} | ${time(seconds)} |`,
  ),
  '',
];

mkdirSync('docs/images', { recursive: true });
writeOrCheck('docs/images/planned-campaign.svg', picture);
writeOrCheck('docs/planning-example.md', page.join('\n'));
