/** Tells a person what happens in a session, line by line, as it happens. */
import { styleText } from 'node:util';
import type { InspectorEvent } from '../inspector/inspector.ts';
import type { Change } from '../lab/model/change-log.ts';
import type { VnfmEvent } from '../vnfm/vnfm-event.ts';
import type { SessionDetail } from './follow-session.ts';

/** What a state means, for somebody who sees it for the first time. */
const meanings: Readonly<Record<SessionDetail['state'], string>> = {
  MAINTENANCE: 'every project is told what is coming',
  SCALE_IN: 'the cloud is full: projects are asked to scale in',
  PREPARE_MAINTENANCE: 'a first host is emptied',
  START_MAINTENANCE: 'the empty host is maintained and returned',
  PLANNED_MAINTENANCE: 'the next host is emptied',
  MAINTENANCE_COMPLETE: 'projects may scale out again',
  MAINTENANCE_DONE: 'every host is done',
  MAINTENANCE_FAILED: 'the session failed; its hosts are opened again',
};

/** The same where hosts are worked on side by side (workflow `vnf`). */
const sideBySide: Partial<Record<SessionDetail['state'], string>> = {
  PREPARE_MAINTENANCE: 'the first hosts are emptied and maintained, side by side',
  PLANNED_MAINTENANCE: 'projects are told of the next hosts while others are worked on',
  START_MAINTENANCE: 'everybody has answered; hosts are emptied and maintained, side by side',
};

const barWidth = 24;

export class Narrator {
  readonly #write: (line: string) => void;
  readonly #colours: boolean;
  readonly #started = Date.now();
  #state: SessionDetail['state'] | undefined;
  #maintained = -1;
  #atWork = '';
  #planned = false;

  constructor(write: (line: string) => void, colours: boolean) {
    this.#write = write;
    this.#colours = colours;
  }

  say(who: string, what: string): void {
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1).padStart(5);
    this.#write(`${this.#dim(`${seconds} s`)}  ${this.#paint('cyan', who.padEnd(9))} ${what}`);
  }

  /** A look at the session: says what changed since the last one. */
  look(detail: SessionDetail): void {
    const computes = detail.hosts.filter(({ type }) => type === 'compute');
    const maintained = computes.filter((host) => host.maintained).length;
    if (maintained !== this.#maintained && computes.length > 0) {
      this.#maintained = maintained;
      this.say('progress', bar(maintained, computes.length));
    }
    if (detail.state !== this.#state) {
      this.#state = detail.state;
      const isVnf = detail.session.workflow === 'vnf';
      const meaning = (isVnf ? sideBySide[detail.state] : undefined) ?? meanings[detail.state];
      this.say('session', `${this.#paint('bold', detail.state)}: ${meaning}`);
    }
    if (detail.session.workflow === 'vnf') this.#lookAtPlan(detail);
  }

  /** What is planned, once it is; then which hosts are worked on at the same time. */
  #lookAtPlan({ plan, hosts }: SessionDetail): void {
    if (plan !== null && !this.#planned) {
      this.#planned = true;
      const { makespan_seconds: planned, lower_bound_seconds: least, binding } = plan;
      this.say('plan', `${round(planned)} s; nothing could take less than ${round(least)} s (${binding})`);
    }
    const named = (activity: string) =>
      hosts.flatMap((host) => (host.activity === activity ? [host.hostname] : []));
    const lists = [
      ['emptied', named('draining')],
      ['in maintenance', named('in_maintenance')],
    ] as const;
    const atWork = lists
      .filter(([, names]) => names.length > 0)
      .map(([what, names]) => `${what}: ${names.join(', ')}`)
      .join('; ');
    if (atWork !== this.#atWork && atWork !== '') this.say('at once', atWork);
    this.#atWork = atWork;
  }

  /** `who`: which of several application managers. */
  vnfm(event: VnfmEvent, who = 'VNFM'): void {
    switch (event.kind) {
      case 'received':
        if (event.state !== 'INSTANCE_ACTION_DONE') this.say(who, `is told ${event.state}`);
        return;
      case 'replied': {
        const actions = Object.values(event.actions ?? {});
        const what = actions.length === 0 ? '' : ` with ${actions.join(', ')}`;
        this.say(who, `answers ${this.#paint('green', event.state)}${what}`);
        return;
      }
      case 'switched_over':
        this.say(who, `switches over from ${event.from.name} to ${event.to.name}`);
        return;
      case 'scaled_in':
      case 'scaled_out': {
        if (event.instances.length === 0) return;
        const names = event.instances.map(({ name }) => name).join(', ');
        this.say(who, `${event.kind === 'scaled_in' ? 'scales in' : 'scales out'}: ${names}`);
        return;
      }
      case 'replaced':
        this.say(who, `replaces ${event.name} by its own action`);
        return;
      case 'problem':
        this.say(who, this.#paint('red', event.message));
        return;
      default:
        return;
    }
  }

  inspector(event: InspectorEvent): void {
    if (event.kind !== 'received') return;
    const verb = event.state === 'IN_MAINTENANCE' ? 'ignores faults of' : 'watches again';
    this.say('inspector', `${verb} ${event.host}`);
  }

  cloud(change: Change): void {
    if (change.type === 'server.moved')
      this.say('cloud', `${change.name} moved: ${change.from} → ${change.to}`);
  }

  #dim(text: string): string {
    return this.#paint('dim', text);
  }

  #paint(style: Parameters<typeof styleText>[0], text: string): string {
    return this.#colours ? styleText(style, text) : text;
  }
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;

/** `[########........] 2 of 4 hosts` */
export function bar(done: number, all: number): string {
  const filled = Math.round((barWidth * done) / all);
  return `[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}] ${done} of ${all} hosts maintained`;
}
