/** The payloads of the three notifications, field by field as the clients know them (facts 4.2). */
import type { Command, NotifyProject } from '../domain/command.ts';
import type { Notification } from './ports.ts';

/** What a payload holds besides its command. */
export interface PayloadContext {
  readonly sessionId: string;
  /** Where VNFMs reach us, without `/v1`. */
  readonly publicUrl: string;
  /** The project whose alarms hear of hosts and sessions: Aodh matches by project id. */
  readonly infrastructureProjectId: string;
}

export type NotifyCommand = Extract<
  Command,
  { readonly kind: 'notify_project' | 'notify_host' | 'notify_session' }
>;

/** The notification that a command asks for, without its id and time. */
export function notificationOf(
  command: NotifyCommand,
  context: PayloadContext,
): Pick<Notification, 'eventType' | 'payload'> {
  const common = { service: 'fenix', session_id: context.sessionId };
  switch (command.kind) {
    case 'notify_project':
      return { eventType: 'maintenance.scheduled', payload: projectPayload(command, context, common) };
    case 'notify_host':
      return {
        eventType: 'maintenance.host',
        payload: {
          ...common,
          project_id: context.infrastructureProjectId,
          host: command.host,
          state: command.state,
        },
      };
    case 'notify_session':
      return {
        eventType: 'maintenance.session',
        payload: {
          ...common,
          project_id: context.infrastructureProjectId,
          state: command.state,
          percent_done: command.percentDone,
        },
      };
  }
}

function projectPayload(
  command: NotifyProject,
  { sessionId, publicUrl }: PayloadContext,
  common: Readonly<Record<string, unknown>>,
): Notification['payload'] {
  const url = `${publicUrl}/v1/maintenance/${sessionId}/${command.projectId}`;
  return {
    ...common,
    project_id: command.projectId,
    state: command.state,
    instance_ids: command.instanceIds ?? url,
    reply_url: command.replyInstanceId === undefined ? url : `${url}/${command.replyInstanceId}`,
    allowed_actions: command.allowedActions,
    actions_at: command.actionsAt === null ? null : wireTime(command.actionsAt),
    reply_at: command.replyAt === null ? null : wireTime(command.replyAt),
    metadata: command.metadata,
  };
}

/** `YYYY-MM-DD HH:MM:SS`, UTC: the form that Fenix sends (facts 4.2). */
export function wireTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}
