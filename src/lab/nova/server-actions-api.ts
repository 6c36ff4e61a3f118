import type { Answer } from '../wire/call.ts';
import {
  coldMigrate,
  confirmMigration,
  migrationToConfirm,
  revertMigration,
} from '../model/cold-migration.ts';
import { liveMigrate } from '../model/live-migration.ts';
import { resetState, setLock } from '../model/server-operations.ts';
import { isUp } from '../model/service-operations.ts';
import { type NovaContext, type NovaRoute, requireAdmin, visibleServer } from './nova-context.ts';
import { badRequest, conflict } from './nova-error.ts';
import { checkState, ownerActions, type ServerAction } from './owner-actions-api.ts';
import { invalidInput } from './python-repr.ts';

const accepted: Answer = { status: 202 };

/** Each action of POST /servers/{id}/action by the name that is its key in the body. */
const actions: Readonly<Record<string, ServerAction>> = {
  migrate,
  confirmResize,
  revertResize,
  'os-migrateLive': migrateLive,
  'os-resetState': reset,
  ...ownerActions,
  lock: (context, id, argument) => lock(context, id, true, argument),
  unlock: (context, id) => lock(context, id, false, null),
};

export const serverActionRoutes: readonly NovaRoute[] = [
  {
    method: 'POST',
    path: '/servers/:server/action',
    name: 'servers.action',
    handle(context, { server = '' }) {
      const name = actionName(context.call.body);
      const action = name === undefined ? undefined : actions[name];
      if (name === undefined) throw badRequest('Malformed request body');
      if (action === undefined) throw badRequest(`There is no such action: ${name}`);
      return action(context, server, (context.call.body as Record<string, unknown>)[name]);
    },
  },
];

/** The action that a body asks for: its first key. */
export function actionName(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body)[0] : undefined;
}

/** @throws NovaError 400 when no compute host has this name */
function checkTarget(context: NovaContext, host: string | null): void {
  if (host !== null && context.cloud.host(host) === undefined) {
    throw badRequest(`Compute host ${host} could not be found.`);
  }
}

function migrate(context: NovaContext, id: string, argument: unknown): Answer {
  // Before 2.56 whatever is given is ignored, a host too.
  const target = context.minor >= 56 ? migrateTarget(argument) : null;
  requireAdmin(context, 'os-migrate-server:migrate');
  const server = visibleServer(context, id);
  checkState(context, server, 'migrate', ['active', 'stopped']);
  const source = server.host === null ? undefined : context.cloud.host(server.host);
  if (source !== undefined && !isUp(source.service)) {
    throw conflict(`Compute service of ${source.name} is unavailable at this time.`);
  }
  checkTarget(context, target);
  if (target !== null && target === server.host) {
    throw badRequest('Cannot migrate to the host where the server exists.');
  }
  coldMigrate(context.cloud, server, target, context.by);
  return accepted;
}

function migrateTarget(argument: unknown): string | null {
  if (argument === null) return null;
  if (typeof argument !== 'object') {
    throw badRequest(
      invalidInput('migrate', argument, `${JSON.stringify(argument)} is not of type 'object', 'null'`),
    );
  }
  const { host = null, ...others } = argument as { host?: unknown };
  if (Object.keys(others).length > 0) throw badRequest(invalidInput('migrate', argument, unexpected(others)));
  if (host !== null && typeof host !== 'string') {
    throw badRequest(invalidInput('host', host, `${JSON.stringify(host)} is not of type 'string', 'null'`));
  }
  return host;
}

function unexpected(others: object): string {
  const names = Object.keys(others).map((name) => `'${name}'`);
  const verb = names.length === 1 ? 'was' : 'were';
  return `Additional properties are not allowed (${names.join(', ')} ${verb} unexpected)`;
}

function migrateLive(context: NovaContext, id: string, argument: unknown): Answer {
  const target = liveTarget(context, argument);
  requireAdmin(context, 'os-migrate-server:migrate_live');
  const server = visibleServer(context, id);
  checkState(context, server, 'os-migrateLive', ['active', 'paused']);
  checkTarget(context, target);
  liveMigrate(context.cloud, server, target, context.by);
  return accepted;
}

function liveTarget(context: NovaContext, argument: unknown): string | null {
  const { minor } = context;
  const given =
    typeof argument === 'object' && argument !== null ? (argument as Record<string, unknown>) : {};
  const wrong = (problem: string) => badRequest(invalidInput('os-migrateLive', argument, problem));
  const required = ['host', 'block_migration', ...(minor < 25 ? ['disk_over_commit'] : [])];
  const missing = required.find((name) => !(name in given));
  if (missing !== undefined) throw wrong(`'${missing}' is a required property`);
  const allowed = [...required, ...(minor >= 30 && minor < 68 ? ['force'] : [])];
  const others = Object.fromEntries(Object.entries(given).filter(([name]) => !allowed.includes(name)));
  if (Object.keys(others).length > 0) throw wrong(unexpected(others));
  const { host, block_migration: block } = given;
  const booleans: readonly unknown[] = [true, false, 'true', 'false', 'True', 'False'];
  if (!booleans.includes(block) && !(minor >= 25 && block === 'auto')) {
    const choice = minor >= 25 ? "True, False or 'auto'" : 'True or False';
    throw badRequest(invalidInput('block_migration', block, `it must be ${choice}`));
  }
  if (host !== null && typeof host !== 'string') {
    throw badRequest(invalidInput('host', host, `${JSON.stringify(host)} is not of type 'string', 'null'`));
  }
  return host;
}

function confirmResize(context: NovaContext, id: string): Answer {
  const server = visibleServer(context, id);
  checkState(context, server, 'confirmResize', ['resized']);
  const migration = migrationToConfirm(context.cloud, server);
  if (migration === undefined) throw badRequest('Instance has not been resized.');
  confirmMigration(context.cloud, server, migration, context.by);
  return { status: 204 };
}

function revertResize(context: NovaContext, id: string): Answer {
  const server = visibleServer(context, id);
  checkState(context, server, 'revertResize', ['resized']);
  const migration = migrationToConfirm(context.cloud, server);
  if (migration === undefined) throw badRequest('Instance has not been resized.');
  revertMigration(context.cloud, server, migration, context.by);
  return accepted;
}

function reset(context: NovaContext, id: string, argument: unknown): Answer {
  const state =
    typeof argument === 'object' && argument !== null ? (argument as { state?: unknown }).state : undefined;
  if (state !== 'active' && state !== 'error') {
    throw badRequest(invalidInput('state', state ?? null, "the lab knows 'active' and 'error'"));
  }
  requireAdmin(context, 'os-admin-actions:reset_state');
  resetState(context.cloud, visibleServer(context, id), state, context.by);
  return accepted;
}

function lock(context: NovaContext, id: string, locked: boolean, argument: unknown): Answer {
  const server = visibleServer(context, id);
  const given =
    typeof argument === 'object' && argument !== null ? (argument as { locked_reason?: unknown }) : {};
  const reason = context.minor >= 73 && typeof given.locked_reason === 'string' ? given.locked_reason : null;
  setLock(context.cloud, server, locked, reason, context.by);
  return accepted;
}
