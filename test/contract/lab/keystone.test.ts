import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import {
  call,
  expectLikeRecorded,
  fill,
  placeholdersOf,
  readRecording,
  type RecordedFact,
  tokenOf,
} from './recorded-facts.ts';

const facts = readRecording('keystone') as Record<string, RecordedFact>;

/** Messages that are Keystone's own business: it quotes its whole schema here. */
const messagesThatDiffer = ['login: malformed body'];

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ config: doctorScenario() });
});

afterAll(() => lab.stop());

describe("the lab's Keystone answers as the recorded one", () => {
  let revoked: string;
  beforeAll(() => {
    revoked = lab.token('doctor');
  });

  it.each(Object.entries(facts))('%s', async (name, recorded) => {
    const fact = fill(recorded, { ...placeholdersOf(lab), 'mini-secret': 'lab-secret' });
    const resolve = (who: string): string | undefined => (who === 'revoked' ? revoked : tokenOf(lab, who));
    const token = resolve(fact.as);
    // "Validates its own token" means the very same one.
    const subject =
      fact.subject === fact.as ? token : fact.subject === undefined ? undefined : resolve(fact.subject);
    const made = await call({
      method: fact.method,
      path: fact.path,
      ...(token === undefined ? {} : { token }),
      ...(subject === undefined ? {} : { subject }),
      ...(fact.body === undefined ? {} : { body: withLabPassword(fact.body) }),
    });
    expectLikeRecorded(fact, made);
    if (fact.status >= 400 && !messagesThatDiffer.includes(name)) expect(made.body).toEqual(fact.answer);
  });
});

function withLabPassword(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll('mini-secret', 'lab-secret'));
}

describe('tokens', () => {
  const login = (identity: unknown, scope?: unknown) =>
    call({
      method: 'POST',
      path: `${lab.authUrl}/auth/tokens`,
      body: { auth: { identity, ...(scope === undefined ? {} : { scope }) } },
    });
  const secretOf = (made: { headers: Headers }): string => made.headers.get('x-subject-token') ?? '';
  const validate = (token: string, subject: string) =>
    call({ method: 'GET', path: `${lab.authUrl}/auth/tokens`, token, subject });

  it('are given for a user id, for a project id, and for another token', async () => {
    const doctor = lab.users['doctor']!;
    const password = {
      methods: ['password'],
      password: { user: { id: doctor.id, password: doctor.password } },
    };
    const first = await login(password, { project: { id: doctor.projectId } });
    expect(first.status).toBe(201);
    const second = await login(
      { methods: ['token'], token: { id: secretOf(first) } },
      { project: { id: doctor.projectId } },
    );
    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({
      token: { methods: ['password', 'token'], project: { name: 'doctor' } },
    });
    const [one, two] = [first.body, second.body] as { token: { expires_at: string } }[];
    expect(two?.token.expires_at).toBe(one?.token.expires_at);
  });

  it('are refused for a project on which the user has no role', async () => {
    const doctor = lab.users['doctor']!;
    const password = {
      methods: ['password'],
      password: { user: { id: doctor.id, password: doctor.password } },
    };
    expect((await login(password, { project: { name: 'admin', domain: { id: 'default' } } })).status).toBe(
      401,
    );
  });

  it('may be validated by a service user', async () => {
    const made = await validate(lab.token('fenix'), lab.token('doctor'));
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      token: { user: { name: 'doctor' }, project: { id: lab.projects['doctor']!.id } },
    });
  });

  it('all go bad at once when the test wants it', async () => {
    const admin = lab.token('admin');
    lab.revokeTokens();
    expect((await validate(admin, admin)).status).toBe(401);
    expect((await validate(lab.token('admin'), admin)).status).toBe(404);
  });
});

describe('short-lived tokens', () => {
  it('expire', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const shortLived = await startLab({
      config: { ...doctorScenario(), tokens: { lifetime_seconds: 5 } },
      timers: { now: () => now, after: () => () => undefined, stop: () => undefined },
    });
    try {
      const old = shortLived.token('admin');
      const path = `${shortLived.authUrl}/auth/tokens`;
      expect((await call({ method: 'GET', path, token: old, subject: old })).status).toBe(200);
      now += 5_000;
      expect((await call({ method: 'GET', path, token: old, subject: old })).status).toBe(401);
      const made = await call({ method: 'GET', path, token: shortLived.token('admin'), subject: old });
      expect(made.status).toBe(404);
      expect(made.body).toMatchObject({ error: { message: 'Failed to validate token' } });
    } finally {
      await shortLived.stop();
    }
  });
});

describe('the catalog', () => {
  it('gets and loses entries while the lab runs', async () => {
    const types = async (): Promise<unknown> => {
      const made = await call({
        method: 'GET',
        path: `${lab.authUrl}/auth/catalog`,
        token: lab.token('doctor'),
      });
      const { catalog } = made.body as {
        catalog: { type: string; endpoints: { url: string; interface: string }[] }[];
      };
      return catalog.map(({ type, endpoints }) => [
        type,
        [...new Set(endpoints.map(({ url }) => url))],
        endpoints.length,
      ]);
    };
    const own = [
      ['identity', [lab.authUrl], 3],
      ['compute', [lab.computeUrl], 3],
      ['image', [`${lab.url}/image`], 3],
    ];
    expect(await types()).toEqual(own);
    lab.setEndpoint('maintenance', 'http://127.0.0.1:1/v1');
    lab.setEndpoint('maintenance', 'http://127.0.0.1:12347/v1');
    expect(await types()).toEqual([...own, ['maintenance', ['http://127.0.0.1:12347/v1'], 3]]);
    lab.setEndpoint('maintenance', null);
    expect(await types()).toEqual(own);
  });
});
