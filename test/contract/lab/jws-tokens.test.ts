import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import { call, readRecording } from './recorded-facts.ts';

interface Recorded {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
  readonly public_key: readonly string[];
  readonly unknown_subject_token: unknown;
}

const recorded = readRecording('keystone-jws') as Recorded;
const keyFolder = mkdtempSync(join(tmpdir(), 'lab-keys-'));
const publicKeys = (): string[] =>
  readdirSync(keyFolder).map((file) => readFileSync(join(keyFolder, file), 'utf8'));

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ config: { ...doctorScenario(), tokens: { format: 'jws', key_folder: keyFolder } } });
});

afterAll(async () => {
  await lab.stop();
  rmSync(keyFolder, { recursive: true });
});

describe('JWS tokens of the lab', () => {
  it('have the header and the claims of a recorded one', () => {
    const decoded = jwt.decode(lab.token('doctor'), { complete: true });
    expect(decoded?.header).toEqual(recorded.header);
    const claims = decoded?.payload as Record<string, unknown>;
    expect(Object.keys(claims)).toEqual(Object.keys(recorded.payload));
    expect(claims['sub']).toBe(lab.users['doctor']!.id);
    expect(claims['openstack_project_id']).toBe(lab.projects['doctor']!.id);
  });

  it('verify with the public key in the folder, which has the form of a recorded one', () => {
    const [key] = publicKeys();
    const lines = key!.trim().split('\n');
    expect(lines.map((line) => line.length)).toEqual(recorded.public_key.map((line) => line.length));
    expect(() => jwt.verify(lab.token('doctor'), key!, { algorithms: ['ES256'] })).not.toThrow();
  });

  it('are validated by the lab as any other; an unknown one is refused in the words of the recording', async () => {
    const token = lab.token('admin');
    const path = `${lab.authUrl}/auth/tokens`;
    expect((await call({ method: 'GET', path, token, subject: lab.token('doctor') })).status).toBe(200);
    const made = await call({ method: 'GET', path, token, subject: 'nonsense' });
    expect(made.status).toBe(404);
    expect(made.body).toEqual(recorded.unknown_subject_token);
  });

  it('are signed with another key after a rotation; the old one goes when asked', () => {
    const before = lab.token('doctor');
    lab.rotateSigningKey();
    const after = lab.token('doctor');
    const verifies = (token: string): number =>
      publicKeys().filter((key) => {
        try {
          jwt.verify(token, key, { algorithms: ['ES256'] });
          return true;
        } catch {
          return false;
        }
      }).length;
    expect(publicKeys()).toHaveLength(2);
    expect([verifies(before), verifies(after)]).toEqual([1, 1]);
    lab.rotateSigningKey({ removeOld: true });
    expect(publicKeys()).toHaveLength(2);
    expect([verifies(after), verifies(lab.token('doctor'))]).toEqual([0, 1]);
  });
});
