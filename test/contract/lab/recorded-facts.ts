import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Lab } from '../../../src/lab/lab.ts';

/** One recorded call and its answer; made from a real cloud (Zed), ids replaced by {placeholders}, lists cut to two. */
export interface RecordedFact {
  readonly method: string;
  readonly path: string;
  readonly version?: string;
  /** Whose token was in X-Auth-Token. */
  readonly as: string;
  /** Whose token was in X-Subject-Token, or the token itself. */
  readonly subject?: string;
  /** A call to the same path that has to be made just before. */
  readonly first?: unknown;
  readonly body?: unknown;
  readonly status: number;
  readonly headers: readonly string[];
  readonly answer: unknown;
}

export function readRecording(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), 'utf8')) as unknown;
}

export interface Made {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Puts the lab's own ids where the recording has placeholders. */
export function fill<Value>(value: Value, placeholders: Readonly<Record<string, string>>): Value {
  let text = JSON.stringify(value);
  for (const [name, content] of Object.entries(placeholders)) text = text.replaceAll(`{${name}}`, content);
  return JSON.parse(text) as Value;
}

export function placeholdersOf(lab: Lab): Record<string, string> {
  const server = lab.servers().find(({ name }) => name === 'doctor_nonha_app_5');
  return {
    keystone: `${lab.url}/identity`,
    nova: `${lab.url}/compute`,
    server: server?.id ?? '',
    host: server?.host ?? '',
    flavor: lab.flavors['mini'] ?? '',
    group: [...lab.cloud.groups.keys()][0] ?? '',
    project: lab.projects['doctor']?.id ?? '',
    service: lab.cloud.host('compute-1')?.service.uuid ?? '',
    hypervisor: lab.cloud.host('compute-1')?.uuid ?? '',
  };
}

/** The token of someone that a recording names. */
export function tokenOf(lab: Lab, who: string): string | undefined {
  if (who === 'nobody') return undefined;
  return who === 'admin' || who === 'doctor' ? lab.token(who) : who;
}

export interface CallToMake {
  readonly method: string;
  readonly path: string;
  readonly version?: string;
  readonly token?: string;
  readonly subject?: string;
  readonly body?: unknown;
}

export async function call({ method, path, version, token, subject, body }: CallToMake): Promise<Made> {
  const answer = await fetch(path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { 'X-Auth-Token': token }),
      ...(subject === undefined ? {} : { 'X-Subject-Token': subject }),
      ...(version === undefined ? {} : { 'OpenStack-API-Version': version }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

/**
 * Where an answer has not the form of the recorded one: other keys, other types. A null on either side goes with any
 * scalar; elements of lists are held against the first recorded one.
 */
export function differences(recorded: unknown, answered: unknown, at = ''): string[] {
  if (Array.isArray(recorded)) {
    if (!Array.isArray(answered)) return [`${at}: not a list`];
    if (recorded.length > 0 && answered.length === 0) return [`${at}: empty`];
    if (recorded.length === 0) return answered.length === 0 ? [] : [`${at}: not empty`];
    return answered.flatMap((element, n) =>
      differences(recorded[Math.min(n, recorded.length - 1)], element, `${at}[]`),
    );
  }
  if (typeof recorded === 'object' && recorded !== null) {
    if (typeof answered !== 'object' || answered === null) return [`${at}: not an object`];
    const ours = answered as Record<string, unknown>;
    const theirs = recorded as Record<string, unknown>;
    return [
      ...Object.keys(theirs).flatMap((key) =>
        key in ours ? differences(theirs[key], ours[key], `${at}.${key}`) : [`${at}.${key}: missing`],
      ),
      ...Object.keys(ours).flatMap((key) => (key in theirs ? [] : [`${at}.${key}: not in the recording`])),
    ];
  }
  if (recorded === null || answered === null)
    return typeof answered === 'object' && answered !== null ? [`${at}: not a scalar`] : [];
  return typeof recorded === typeof answered
    ? []
    : [`${at}: ${typeof answered} instead of ${typeof recorded}`];
}

/** Holds an answer against the recorded one: status, headers, and the form of the body. */
export function expectLikeRecorded(fact: RecordedFact, made: Made): void {
  expect(made.status).toBe(fact.status);
  expect([...made.headers.keys()]).toEqual(expect.arrayContaining([...fact.headers]));
  expect(differences(fact.answer, made.body)).toEqual([]);
}
