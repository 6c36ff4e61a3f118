/** The real edge over fakes, with every answer checked against the contract. */
import { pino } from 'pino';
import request from 'supertest';
import { AlarmService } from '../../../src/engine/alarm-service.ts';
import {
  IdentityUnavailable,
  TokenRejected,
  type Identity,
  type TokenValidator,
} from '../../../src/engine/ports.ts';
import { createApp } from '../../../src/http/app.ts';
import { createApis } from '../../../src/http/handlers/index.ts';
import type { Authenticator } from '../../../src/http/keystone-auth.ts';
import { Policy } from '../../../src/policy/policy.ts';
import { HandClock } from '../../support/hand-clock.ts';
import { MemoryAlarmStore } from '../../support/memory-alarm-store.ts';
import { FakeMaintenance, otherProjectId, sampleProjectId, sampleSession } from './fake-maintenance.ts';
import { FakePlans } from './fake-plans.ts';
import { MemoryConstraintStore } from '../../../src/simulation/memory-constraint-store.ts';
import { recordAnswers } from './record-answers.ts';

export const publicUrl = 'http://maintenance.example.net:12347';
export const authUrl = 'http://keystone.example.net:5000/v3';
export const maxBodyBytes = 20_000;

const identity = (userId: string, roles: readonly string[], projectId?: string): Identity => ({
  userId,
  ...(projectId !== undefined && { projectId }),
  roles,
  expiresAt: 1_900_000_000_000,
});

/** The tokens that the fake Keystone knows. Two more: `keystone-away` cannot be checked, all others are refused. */
export const identities: Readonly<Record<'admin' | 'member' | 'stranger' | 'unscoped', Identity>> = {
  admin: identity('admin-user', ['admin', 'member'], '5e77f9b80edd4aae87a84a88d8e2fc15'),
  member: identity('member-user', ['member'], sampleProjectId),
  stranger: identity('stranger-user', ['member'], otherProjectId),
  unscoped: identity('unscoped-user', []),
};

export const tokens: TokenValidator = {
  validate(token) {
    if (token === 'keystone-away') return Promise.reject(new IdentityUnavailable('connect ECONNREFUSED'));
    const known = Object.entries(identities).find(([name]) => name === token);
    return known === undefined
      ? Promise.reject(new TokenRejected('no such token'))
      : Promise.resolve(known[1]);
  },
};

export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: number;
  readonly msg: string;
}

/** A store that has the same fault as the engine while that has one. */
function failing<Store extends object>(store: Store, fault: () => Error | undefined): Store {
  return new Proxy(store, {
    get(target, name) {
      const error = fault();
      if (error !== undefined) return () => Promise.reject(error);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

export async function startApi(
  authenticator: Authenticator = { mode: 'keystone', tokens, authUrl },
  policy = new Policy(),
) {
  const maintenance = new FakeMaintenance(sampleSession());
  const plans = new FakePlans();
  const constraints = new MemoryConstraintStore();
  const alarmStore = new MemoryAlarmStore();
  const clock = new HandClock();
  let ids = 0;
  const alarms = new AlarmService({
    store: failing(alarmStore, () => maintenance.fault),
    clock,
    ids: { commandId: () => `a1e4c7d2-6a0f-4a5e-9d38-${String((ids += 1)).padStart(12, '0')}` },
    targetRefusal: (url) =>
      URL.canParse(url) ? (url.includes('169.254.') ? 'link-local' : undefined) : 'no URL',
  });
  const log: LogLine[] = [];
  const logger = pino({ level: 'debug' }, { write: (line) => void log.push(JSON.parse(line) as LogLine) });
  const failingConstraints = failing(constraints, () => maintenance.fault);
  const apis = createApis(
    {
      maintenance,
      plans: failing(plans, () => maintenance.fault),
      constraints: failingConstraints,
      alarms,
      clock,
      publicUrl,
    },
    authenticator.mode,
  );
  const served = apis.map(({ contract }) => contract);
  const edge = await createApp(apis, authenticator, policy, logger, {
    maxBodyBytes,
    validateResponses: true,
  });
  const app = recordAnswers(edge, served);
  return {
    app,
    maintenance,
    plans,
    constraints,
    alarmStore,
    log,
    /** Everything as at the start, but for the app itself: it takes a while to be made. */
    async reset() {
      maintenance.reset(sampleSession());
      plans.reset();
      constraints.clear();
      for (const { alarmId } of await alarmStore.list()) await alarmStore.delete(alarmId);
      log.length = 0;
    },
    /** Requests with a token of one of the identities; `none` sends no token. */
    as(who: keyof typeof identities | 'keystone-away' | 'forged' | 'none') {
      const agent = request.agent(app);
      return who === 'none' ? agent : agent.set('X-Auth-Token', who);
    },
  };
}

/** What a test expects of an error's body. The text is for people: a test of it looks for what it must name. */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly code: string;
  readonly pointer?: string;
}
