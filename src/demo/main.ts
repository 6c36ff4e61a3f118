/**
 * `npm run demo`: one maintenance session from its opening to its end, on this machine alone.
 * `--json` prints nothing but one line of JSON at the end, `--hosts N` changes the size of the cloud, `--workflow vnf` works
 * on several hosts at once, `--keep` leaves everything running to explore. Exit status 0 only for MAINTENANCE_DONE.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { applications, applicationsScenario } from '../lab/applications-scenario.ts';
import { doctorScenario } from '../lab/doctor-scenario.ts';
import type { LabConfigInput } from '../lab/lab-config.ts';
import { createLogger } from '../telemetry/logger.ts';
import { followSession, openSession, type SessionDetail } from './follow-session.ts';
import { startVnfm, type Vnfm } from '../vnfm/vnfm.ts';
import { Narrator } from './narrator.ts';
import { proofOf, registeredLimits, type Proof } from './proof.ts';
import { credentialsOf, startStage, type Stage } from './stage.ts';

/** Long enough to be seen, short enough that nobody waits. */
const durations = { cold_migrate: 0.6, live_migrate: 0.6, confirm: 0.2, boot: 0.4, delete: 0.2 };
const hostMaintenanceSeconds = 1;
const leadSeconds = 2;

/** Where hosts are worked on side by side: what is reckoned with is what it takes. */
const sideBySide = {
  leadSeconds: 2,
  durations: { ...durations, cold_migrate: 0.7, live_migrate: 0.8, confirm: 0.1 },
  server: {
    FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: '2',
    FENIX_WORKFLOW_PLANNED_HOST_SECONDS: '2',
    FENIX_WORKFLOW_PLANNED_MOVE_SECONDS: '1',
    FENIX_NOVA_FIRST_LOOK_MILLISECONDS: '50',
    FENIX_NOVA_LONGEST_LOOK_MILLISECONDS: '200',
  },
} as const;

interface DemoOptions {
  readonly workflow: 'default' | 'vnf';
  readonly json: boolean;
  readonly hosts: number;
  readonly keep: boolean;
}

const program = new Command('demo')
  .description('plays one maintenance session over a small OpenStack in this process')
  .addOption(
    new Option('--workflow <name>', 'how the session goes about it')
      .choices(['default', 'vnf'])
      .default('default'),
  )
  .option('--json', 'print nothing but one line of JSON at the end', false)
  .option('--hosts <number>', 'compute hosts of the cloud', wholeNumber, 4)
  .option('--keep', 'leave everything running at the end, until Ctrl-C', false);

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 2 || Number(text) > 500) {
    throw new InvalidArgumentError('It must be a whole number from 2 to 500.');
  }
  return Number(text);
}

const options = program.parse().opts<DemoOptions>();
const write = (line: string) => process.stdout.write(`${line}\n`);
const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
process.on('SIGTERM', () => interrupted.abort());
process.exitCode = await play(options);

async function play({ workflow, json, hosts, keep }: DemoOptions): Promise<number> {
  const narrator = new Narrator(json ? () => undefined : write, process.stdout.isTTY && !json);
  narrator.say(
    'demo',
    `starting a cloud of ${hosts} hosts, the server, application managers and an inspector`,
  );
  const isVnf = workflow === 'vnf';
  const stage = await startStage({
    lab: isVnf
      ? { ...applicationsScenario(hosts), durations: sideBySide.durations }
      : { ...cloudOf(hosts), durations },
    logger: createLogger({ level: 'silent' }),
    server: isVnf
      ? sideBySide.server
      : { FENIX_WORKFLOW_HOST_MAINTENANCE_SECONDS: String(hostMaintenanceSeconds) },
    vnfm: {
      onEvent: (event) => narrator.vnfm(event),
      ...(isVnf && { leadSeconds: sideBySide.leadSeconds }),
    },
    inspector: { onEvent: (event) => narrator.inspector(event) },
  });
  const others: Vnfm[] = [];
  try {
    if (isVnf) others.push(...(await startOtherApplications(stage, narrator)));
    narrator.say('demo', `the API is at ${stage.server.url}`);
    const limits = isVnf ? await registeredLimits(stage.admin) : [];
    const detail = await runSession(stage, narrator, workflow);
    report(stage, [stage.vnfm, ...others], detail, proofOf(stage, detail, limits), json);
    if (keep) await linger(stage, json);
    return detail.state === 'MAINTENANCE_DONE' ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    return 130;
  } finally {
    for (const other of others) await other.stop();
    await stage.stop();
  }
}

/** The stage has the manager of the first application; each of the others has one of its own. */
async function startOtherApplications(stage: Stage, narrator: Narrator): Promise<readonly Vnfm[]> {
  const [, ...others] = applications;
  return Promise.all(
    others.map(({ name, haPrefix, nonHaPrefix }) =>
      startVnfm({
        credentials: credentialsOf(stage.lab, name),
        haPrefix,
        nonHaPrefix,
        leadSeconds: sideBySide.leadSeconds,
        onEvent: (event) => narrator.vnfm(event, `VNFM ${name}`),
      }),
    ),
  );
}

/** On two hosts a pair that must be apart cannot stay so while one host is empty: they carry single instances only. */
function cloudOf(hosts: number): LabConfigInput {
  const cloud = doctorScenario({ hosts });
  if (hosts > 2) return cloud;
  const instances = [{ name: 'doctor_nonha_app_{n}', count: 2 * hosts, project: 'doctor' }];
  return { ...cloud, server_groups: [], instances };
}

async function runSession(
  stage: Stage,
  narrator: Narrator,
  workflow: DemoOptions['workflow'],
): Promise<SessionDetail> {
  stage.lab.onChange((change) => narrator.cloud(change));
  const sessionId = await openSession(stage.admin, leadSeconds, { workflow });
  narrator.say('admin', `opens session ${sessionId}`);
  return followSession(stage.admin, sessionId, (detail) => narrator.look(detail), interrupted.signal);
}

function report(
  { lab, server }: Stage,
  managers: readonly Vnfm[],
  detail: SessionDetail,
  proof: Proof | undefined,
  json: boolean,
): void {
  const replies = managers.flatMap(({ log }) => log).filter(({ kind }) => kind === 'replied');
  const result = {
    state: detail.state,
    hosts: detail.hosts.filter(({ type, maintained }) => type === 'compute' && maintained).length,
    moves: lab.changes().filter(({ type }) => type === 'server.moved').length,
    replies: replies.length,
    duration_s: secondsBetween(detail.session.created_at, detail.session.ended_at),
    api_url: server.url,
    session_id: detail.session_id,
    ...(detail.failure_reason !== null && { failure_reason: detail.failure_reason }),
    ...(proof !== undefined && { ...proof, violations: proof.violations.length }),
  };
  if (json) {
    write(JSON.stringify(result));
    return;
  }
  write('');
  write(`${result.state} after ${result.duration_s} s:`);
  write(`  ${result.hosts} hosts maintained, each of them empty while it was`);
  write(
    `  ${result.moves} instances moved, ${result.replies} replies of the VNFM${managers.length > 1 ? 's' : ''}`,
  );
  if (proof !== undefined) tellProof(proof);
  if (detail.failure_reason !== null) write(`  ${detail.failure_reason}`);
}

function tellProof(proof: Proof): void {
  const { makespan_s: actual, planned_makespan_s: planned, lower_bound_s: least, binding, because } = proof;
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  write(`  planned ${seconds(planned)}, took ${seconds(actual)}`);
  write(
    `  no schedule could have taken less than ${seconds(least)} with the durations that were measured ` +
      `(took ${(actual / least).toFixed(2)} times that)`,
  );
  write(`  binding: ${binding}: ${because}`);
  write(`  ${proof.violations.length} violations of limits, by the record of the cloud`);
  for (const violation of proof.violations) write(`    ${violation}`);
}

function secondsBetween(from: string, to: string | null): number {
  return to === null ? 0 : (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 1000;
}

async function linger({ lab, server, vnfm, inspector }: Stage, json: boolean): Promise<void> {
  if (!json) {
    const { authUrl, username, password, projectName } = credentialsOf(lab, 'admin');
    write('');
    write('Left running until Ctrl-C:');
    write(`  server     ${server.url}`);
    write(`  Keystone   ${authUrl} (user ${username}, password ${password}, project ${projectName})`);
    write(`  Nova       ${lab.computeUrl}`);
    write(`  VNFM       ${vnfm.url}`);
    write(`  inspector  ${inspector.url}/hosts`);
  }
  if (interrupted.signal.aborted) return;
  await new Promise<void>((resolve) =>
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
