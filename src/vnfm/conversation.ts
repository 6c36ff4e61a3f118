/** How the application manager acts on each notification, and what it replies. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  ack,
  explain,
  instanceIds,
  isMoveQuestion,
  isQuestion,
  nack,
  reply,
  type InstanceAction,
  type InstanceActions,
  type MaintenanceClient,
  type MoveQuestion,
  type Notification,
  type ProjectNotification,
  type Question,
  type ReplyBody,
} from '../sdk/index.ts';
import type { Fleet } from './fleet.ts';
import type { VnfmHappening } from './vnfm-event.ts';
import type { VnfmOptions } from './vnfm-options.ts';

export interface ConversationContext {
  readonly client: MaintenanceClient;
  readonly fleet: Fleet;
  readonly options: Pick<VnfmOptions, 'action' | 'scaleInBy' | 'refuse' | 'silent' | 'delaySeconds'>;
  readonly signal: AbortSignal;
  /** Registers the constraints of the instances that there are now. */
  readonly registerConstraints: () => Promise<void>;
  readonly tell: (happening: VnfmHappening) => void;
}

/** An answer, with what is to be done once it is given. */
interface Answer {
  readonly body: ReplyBody;
  readonly actions?: InstanceActions;
  after?(): Promise<void>;
}

const defaultScaleInBy = 2;

export class Conversation {
  readonly #context: ConversationContext;
  /** Instances that are being replaced, after the reply and beside further questions. */
  readonly #replacements = new Set<Promise<void>>();

  constructor(context: ConversationContext) {
    this.#context = context;
  }

  /** Acts on a notification and answers it. What goes wrong is told as a problem, and refused. */
  async take(notification: Notification): Promise<void> {
    const { options, tell, signal } = this.#context;
    if (notification.eventType !== 'maintenance.scheduled') return;
    this.#received(notification, false);
    if (!isQuestion(notification)) return;
    const { messageId, state } = notification;
    if (options.silent === state) {
      tell({ kind: 'silent', messageId, state });
      return;
    }
    const answer = await this.#answer(notification);
    if (options.delaySeconds !== undefined) await pause(options.delaySeconds * 1000, undefined, { signal });
    await this.#reply(notification, answer);
    if (answer.after) this.#inBackground(answer.after());
  }

  /** Notes a notification that came before. */
  repeat(notification: Notification): void {
    if (notification.eventType === 'maintenance.scheduled') this.#received(notification, true);
  }

  /** Resolves when no instance is being replaced any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#replacements);
  }

  async #answer(question: Question): Promise<Answer> {
    const { options, tell, signal } = this.#context;
    if (options.refuse === question.state) return { body: nack(question) };
    try {
      if (isMoveQuestion(question)) return await this.#prepareMoves(question);
      switch (question.state) {
        case 'MAINTENANCE':
          return { body: (await this.#ownsAll(question)) ? ack(question) : nack(question) };
        case 'SCALE_IN':
          await this.#scale('scaled_in', question);
          return { body: ack(question) };
        case 'MAINTENANCE_COMPLETE':
          await this.#scale('scaled_out');
          return { body: ack(question) };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      // An early refusal with the reason in the log is better for everybody than a reply window that runs out.
      tell({ kind: 'problem', message: explain(error), messageId: question.messageId });
      return { body: nack(question) };
    }
  }

  /** Doctor's VNFM refuses when it is told of somebody else's instances (facts 8.2 b); so does this one. */
  async #ownsAll(question: Question): Promise<boolean> {
    const { client, fleet, tell } = this.#context;
    const { ha, nonHa } = await fleet.members();
    const own = new Set([...ha, ...nonHa].map(({ id }) => id));
    const foreign = (await instanceIds(client, question)).filter((id) => !own.has(id));
    if (foreign.length === 0) return true;
    const message = `told of instances that are not this application's: ${foreign.join(', ')}`;
    tell({ kind: 'problem', message, messageId: question.messageId });
    return false;
  }

  async #scale(kind: 'scaled_in' | 'scaled_out', question?: Question): Promise<void> {
    const { fleet, options, tell, registerConstraints } = this.#context;
    await this.settled();
    const instances =
      kind === 'scaled_in'
        ? await fleet.scaleIn(Math.max(options.scaleInBy ?? defaultScaleInBy, wantedBy(question)))
        : await fleet.scaleOut();
    tell({ kind, instances });
    await registerConstraints();
  }

  async #prepareMoves(question: MoveQuestion): Promise<Answer> {
    const { client, fleet, tell } = this.#context;
    const ids = await instanceIds(client, question);
    const switched = await fleet.switchOver(ids);
    if (switched) tell({ kind: 'switched_over', ...switched });
    const action = this.#chosenAction(question);
    const actions = Object.fromEntries(ids.map((id) => [id, action]));
    return {
      body: ack(question, actions),
      actions,
      ...(action === 'OWN_ACTION' && { after: () => this.#replaceAll(ids, question) }),
    };
  }

  #chosenAction({ allowedActions }: MoveQuestion): InstanceAction {
    const { action: preferred = 'MIGRATE' } = this.#context.options;
    const action = allowedActions.includes(preferred) ? preferred : allowedActions[0];
    if (action === undefined) throw new Error('no action that is known here is allowed');
    return action;
  }

  /** OWN_ACTION: the server waits until the instances have left the host, whoever takes them away. */
  async #replaceAll(ids: readonly string[], { messageId }: Question): Promise<void> {
    const { fleet, tell, registerConstraints, signal } = this.#context;
    const replace = async (oldId: string) => {
      try {
        const replaced = await fleet.replace(oldId);
        if (replaced) tell({ kind: 'replaced', oldId, ...replaced });
      } catch (error) {
        if (!signal.aborted) tell({ kind: 'problem', message: explain(error), messageId });
      }
    };
    await Promise.all(ids.map(replace));
    await registerConstraints();
  }

  #inBackground(work: Promise<void>): void {
    const { tell, signal } = this.#context;
    const settled = work
      .catch((error: unknown) => {
        if (!signal.aborted) tell({ kind: 'problem', message: explain(error) });
      })
      .finally(() => this.#replacements.delete(settled));
    this.#replacements.add(settled);
  }

  async #reply(question: Question, { body, actions }: Answer): Promise<void> {
    const { client, tell } = this.#context;
    const { messageId, sessionId } = question;
    await reply(client, question, body);
    tell({ kind: 'replied', messageId, sessionId, state: body.state, ...(actions && { actions }) });
  }

  #received(notification: ProjectNotification, repeated: boolean): void {
    const { messageId, sessionId, state, instanceIds: ids } = notification;
    const replyAt = isQuestion(notification) ? notification.replyAt : undefined;
    this.#context.tell({
      kind: 'received',
      messageId,
      sessionId,
      state,
      repeated,
      instanceIds: ids,
      ...(replyAt && { replyAt: replyAt.toISOString() }),
    });
  }
}

/** How many instances the server reckons have to go (fenix-server's hint in SCALE_IN); 0 where it says nothing. */
function wantedBy(question: Question | undefined): number {
  const wanted = question?.metadata['scale_in_instances'];
  return typeof wanted === 'number' && Number.isSafeInteger(wanted) && wanted > 0 ? wanted : 0;
}
