/** What it does to a session that its hosts are worked on side by side (workflow `vnf`). */
import { changed, updateHost, withInstances } from './change-session.ts';
import type { CommandRecord, CommandResult } from './command.ts';
import { hostInstances } from './session-view.ts';
import type { Host, Instance, Session } from './session.ts';

/** The host is emptied from now on; its instances have all their tries. */
export function admitHost(
  session: Session,
  name: string,
  reservations: Readonly<Record<string, string>>,
  at: number,
): Session {
  const hosts = session.hosts.map((host) => withoutReserved(host, reservations));
  const next = updateHost({ ...session, hosts }, name, {
    progress: 'draining',
    admittedAt: at,
    reservations,
  });
  return withInstancesOf(next, name, (instance) => ({ ...instance, attempts: 0 }));
}

/** An instance that is to leave a second time has no place any more where it was going the first time. */
function withoutReserved(host: Host, anew: Readonly<Record<string, string>>): Host {
  const { reservations } = host;
  if (reservations === undefined || Object.keys(anew).every((id) => reservations[id] === undefined))
    return host;
  return {
    ...host,
    reservations: Object.fromEntries(Object.entries(reservations).filter(([id]) => anew[id] === undefined)),
  };
}

/**
 * Nothing more is done to it; nobody is asked about what is on it any more. Who has agreed to take an instance away by its own
 * action does so all the same: that is waited for.
 */
export function skipHost(session: Session, name: string, skipReason: string): Session {
  const hosts = session.hosts.map((host) => {
    if (host.name !== name) return host;
    const { reservations: _reservations, ...left } = host;
    return { ...left, progress: 'skipped' as const, skipReason };
  });
  return changed(
    withInstancesOf({ ...session, hosts }, name, (instance) =>
      mayStillAct(instance) ? instance : forgetQuestion(instance),
    ),
  );
}

/**
 * It is empty. How its instances left does not matter any more: the records of that are forgotten, and what its instances were
 * asked; where they are now they may be asked again.
 */
export function startMaintenance(session: Session, name: string, at: number): Session {
  const hosts = session.hosts.map((host) => {
    if (host.name !== name) return host;
    const { reservations: _reservations, maintenanceEndedAt: _ended, ...left } = host;
    return { ...left, progress: 'in_maintenance' as const, maintenanceStartedAt: at };
  });
  if (session.request.workflow !== 'vnf') return { ...session, hosts };
  const left = new Set(
    [...session.commands.values()].flatMap(({ command }) =>
      command.kind === 'move_instance' && command.from === name ? [command.instanceId] : [],
    ),
  );
  const isOver = ({ command, endedAt }: CommandRecord) => {
    if (endedAt === undefined) return false;
    switch (command.kind) {
      case 'move_instance':
      case 'confirm_move':
      case 'abort_move':
        return left.has(command.instanceId) && session.instances.get(command.instanceId)?.host !== name;
      case 'watch_departure':
        return command.host === name;
      case 'notify_project':
      case 'notify_session':
      case 'notify_host':
      case 'close_host':
      case 'open_host':
        return true;
      default:
        return false;
    }
  };
  const commands = new Map([...session.commands].filter(([, record]) => !isOver(record)));
  const settled = [...left].flatMap((id) => {
    const instance = session.instances.get(id);
    return instance?.actionOutcome === 'done' ? [{ ...forgetQuestion(instance), attempts: 0 }] : [];
  });
  return withInstances({ ...session, hosts, commands }, settled);
}

/** What was planned; the zero of its times is the moment at which it was asked for. */
export function adoptPlan(
  session: Session,
  { plan, drift }: Extract<CommandResult, { kind: 'planned' }>,
  { command, issuedAt, sequence }: CommandRecord,
): Session {
  if (command.kind !== 'make_plan') return session;
  const latestPlan = { madeAt: issuedAt, sequence, campaign: command.campaign, plan, drift };
  // Once the hosts are worked on the first plan stays what the actual times are held against.
  const hasBegun = session.hosts.some(({ admittedAt }) => admittedAt !== undefined);
  return { ...session, latestPlan, plan: hasBegun ? (session.plan ?? latestPlan) : latestPlan };
}

/** It has agreed, or may be about to, to an own action that was offered. */
function mayStillAct({ question }: Instance): boolean {
  if (question?.answer === undefined) return question?.offersOwnAction === true;
  return question.answer === 'ACK';
}

function forgetQuestion({ question: _question, deferredSince: _since, ...instance }: Instance): Instance {
  return instance;
}

function withInstancesOf(session: Session, host: string, change: (instance: Instance) => Instance): Session {
  return withInstances(session, hostInstances(session, host).map(change));
}
