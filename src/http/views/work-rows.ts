/** What a session does besides emptying hosts: action plug-ins, downloads, what is under way, what was tried again. */
import { pythonRepr } from '../../domain/python-repr.ts';
import type { ActionPluginRequest, PluginRun } from '../../domain/action-plugin.ts';
import { subjectOf } from '../../domain/fold-retry.ts';
import { pendingCommands } from '../../domain/session-view.ts';
import type { Retry, Session } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { fenixTime, optionalTime } from './fenix-time.ts';

type Schemas = components['schemas'];

export function workRows(
  session: Session,
): Pick<
  Schemas['SessionDetail'],
  'action_plugins' | 'action_plugin_instances' | 'downloads' | 'pending' | 'retries'
> {
  return {
    action_plugins: (session.request.actions ?? []).map((action) => pluginRow(session, action)),
    action_plugin_instances: session.pluginRuns.map((run) => pluginRunRow(session, run)),
    downloads: (session.request.downloads ?? []).map((download, index) => ({
      id: `${session.id}:${index}`,
      session_id: session.id,
      url: download.url,
      sha256: download.sha256 ?? null,
      fetched: session.downloaded !== undefined,
    })),
    pending: pendingCommands(session).map(({ id, command, issuedAt }) => ({
      id,
      kind: command.kind,
      subject: subjectOf(command) ?? null,
      since: fenixTime(issuedAt),
    })),
    retries: session.retries.map(retryRow),
  };
}

function pluginRow(
  session: Session,
  { plugin, type, metadata }: ActionPluginRequest,
): Schemas['ActionPluginRow'] {
  return {
    id: `${session.id}:${plugin}`,
    session_id: session.id,
    plugin,
    type,
    meta: pythonRepr(metadata),
    metadata,
  };
}

function pluginRunRow(session: Session, run: PluginRun): Schemas['ActionPluginRunRow'] {
  return {
    id: run.commandId,
    session_id: session.id,
    plugin: run.plugin,
    type: run.type,
    hostname: run.host,
    state: run.state,
    started_at: fenixTime(run.startedAt),
    ended_at: optionalTime(run.endedAt),
    output: [...run.output],
    error: run.error?.message ?? null,
  };
}

function retryRow({ commandId, kind, subject, at, error, pauseMilliseconds }: Retry): Schemas['RetryRow'] {
  return {
    id: commandId,
    kind,
    subject: subject ?? null,
    at: fenixTime(at),
    error: error.message,
    pause_seconds: pauseMilliseconds / 1000,
  };
}
