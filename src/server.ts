/** The composition root: the only place that sees everything. Starts a server, and stops it in order. */
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v4 } from 'uuid';
import { openDatabase } from '../db/connection.ts';
import { SqlAlarmStore } from '../db/alarm-store.ts';
import { SqlPlanStore } from '../db/plan-store.ts';
import { SqlConstraintStore } from '../db/constraint-store.ts';
import { SqlJournal } from '../db/journal-store.ts';
import { migrate } from '../db/migrate.ts';
import { SessionDownloads } from './adapters/downloads/session-downloads.ts';
import { WorkerPlanner } from './adapters/planner/worker-planner.ts';
import { PluginFolder } from './adapters/plugins/plugin-folder.ts';
import { SystemClock } from './adapters/system/clock.ts';
import { systemIds } from './adapters/system/ids.ts';
import { TargetRule } from './adapters/http-client/target-rule.ts';
import { limitsOf, settingsOf } from './composition/engine-settings.ts';
import { notifierOf } from './composition/notifications.ts';
import { noCloud, openStackOf, type OpenStack } from './composition/openstack.ts';
import { publicUrl } from './config/public-url.ts';
import type { Config } from './config/schema.ts';
import { AlarmService } from './engine/alarm-service.ts';
import { ToldConstraintStore } from './engine/constraint-news.ts';
import { MaintenanceEngine } from './engine/maintenance-engine.ts';
import { PlanMaker } from './engine/plan-maker.ts';
import type { CommandDeps } from './engine/run-command.ts';
import { createApp } from './http/app.ts';
import { createApis } from './http/handlers/index.ts';
import type { Authenticator } from './http/keystone-auth.ts';
import { loadPolicy } from './policy/policy-file.ts';

/** A running server. */
export interface Server {
  /** Where clients reach it, without `/v1`. */
  readonly url: string;
  /** Stops accepting requests, finishes those under way, leaves every session to be taken up at the next start. */
  stop(): Promise<void>;
}

/**
 * After a crash the next engine waits this long before it carries out commands: long enough that a renewal (every third
 * of it) survives a slow disk, short enough that nobody notices the restart.
 */
const leaseSeconds = 6;

/** @throws ConfigError or Error with a message for people when it cannot start. */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  const policy = loadPolicy(config.policy.file);
  const clock = new SystemClock();
  const database = await openDatabase(config.database.url.reveal(), (message) => logger.warn(message));
  await migrate(database);
  const openStack = openStackOf(config, clock, logger);
  const alarmStore = new SqlAlarmStore(database, clock);
  const targets = new TargetRule(config.alarms.allowedTargets);
  const parts = { store: alarmStore, clock, targets, logger, openStack };
  const notifications = notifierOf(config, parts);
  const { notifier } = notifications;

  // Node.js drops a request for which nobody listens yet: its client would wait for an answer in vain.
  let serve: (app: RequestListener) => void = () => undefined;
  const ready = new Promise<RequestListener>((resolve) => (serve = resolve));
  const http = createServer((request, response) => void ready.then((app) => app(request, response)));
  const url = publicUrl(config.server, await listen(http, config.server));
  const constraints = new SqlConstraintStore(database);
  const plans = new SqlPlanStore(database);
  const downloads = new SessionDownloads(config.downloads);
  const plugins = pluginFolder(config);
  const commands: CommandDeps = {
    cloud: openStack?.cloud ?? noCloud(),
    notifier,
    plugins,
    downloads,
    constraints,
    planner: new WorkerPlanner(),
    plans,
    clock,
    publicUrl: url,
    infrastructureProjectId: (signal) =>
      openStack?.infrastructureProjectId(signal) ?? Promise.reject(new Error('no cloud is configured')),
    limits: limitsOf(config),
  };
  const settings = settingsOf(config);
  const maintenance = new MaintenanceEngine({
    journal: new SqlJournal(database),
    clock,
    ids: systemIds,
    logger,
    commands,
    settings,
    lease: { owner: `${hostname()}-${process.pid}-${v4()}`, leaseSeconds },
    maxSessions: config.workflow.maxSessions,
    keepDeletedDays: config.database.keepDeletedDays,
  });
  const planMaker = new PlanMaker({
    commands,
    settings,
    durations: () => maintenance.durations(),
    logger,
    ids: systemIds,
    maxKept: config.plans.maxKept,
  });
  const authenticator = authenticatorOf(config, openStack, logger);
  const apis = createApis(
    {
      maintenance,
      plans: planMaker,
      constraints: new ToldConstraintStore(constraints, (news) => maintenance.tellOfConstraint(news)),
      alarms: new AlarmService({
        store: alarmStore,
        clock,
        ids: systemIds,
        targetRefusal: (target) => targets.refusal(target),
      }),
      clock,
      publicUrl: url,
    },
    authenticator.mode,
  );
  const app = await createApp(apis, authenticator, policy, logger, config.server);
  await maintenance.start();
  await planMaker.start();
  await notifications.start();
  serve(app);
  logger.info({ url }, 'the server is ready');

  return {
    url,
    async stop() {
      await closeGracefully(http, config.server.shutdownGraceSeconds);
      await planMaker.stop();
      await maintenance.stop();
      await plugins.close();
      await notifier.close();
      await downloads.close();
      await openStack?.close();
      await database.close();
    },
  };
}

function authenticatorOf(config: Config, openStack: OpenStack | undefined, logger: Logger): Authenticator {
  if (config.auth.mode === 'keystone' && openStack !== undefined) {
    return { mode: 'keystone', tokens: openStack.tokens, authUrl: openStack.authUrl };
  }
  logger.warn('auth.mode is none: whoever reaches this server may do everything');
  return { mode: 'none' };
}

function pluginFolder({ plugins, downloads }: Config): PluginFolder {
  return new PluginFolder({
    ...(plugins.folder !== undefined && { folder: plugins.folder }),
    timeoutSeconds: plugins.timeoutSeconds,
    downloadsFolder: downloads.folder,
  });
}

/** Takes the port first: the address is part of what clients are told. Requests that come too early wait. */
async function listen(http: HttpServer, { host, port }: Config['server']): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error) =>
      reject(
        new Error(`cannot listen on ${host}:${port} (server.host, server.port): ${error.message}`, {
          cause: error,
        }),
      );
    http.once('error', refuse);
    http.listen(port, host, () => {
      http.off('error', refuse);
      resolve();
    });
  });
  return (http.address() as AddressInfo).port;
}

async function closeGracefully(http: HttpServer, graceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const timer = setTimeout(() => http.closeAllConnections(), graceSeconds * 1000);
  await closed;
  clearTimeout(timer);
}
