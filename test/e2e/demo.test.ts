import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/stage-process.ts';
import type { AtEnd } from '../support/stage.ts';

interface Result {
  readonly state: string;
  readonly hosts: number;
  readonly moves: number;
  readonly replies: number;
  readonly duration_s: number;
  readonly api_url: string;
}

/** What the workflow `vnf` adds. */
interface Proof {
  readonly makespan_s: number;
  readonly lower_bound_s: number;
}

const demo = (atEnd: AtEnd, ...args: string[]) => runProgram(atEnd, 'src/demo/main.ts', args);

/** The address that a line of the narrative names. */
function addressIn(line: string): string {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? 'no address';
}

const answers = async (url: string) => (await fetch(`${url}/healthcheck`)).status;

describe.concurrent('the demo', () => {
  it('plays a session to its end, and prints nothing but one line of JSON', async ({ onTestFinished }) => {
    const { ended, lines, stderr } = demo(onTestFinished, '--json');
    expect([await ended, stderr()]).toEqual([[0, null], '']);
    expect(lines).toHaveLength(1);
    const result = JSON.parse(lines[0] ?? '') as Result;
    expect(result).toMatchObject({
      state: 'MAINTENANCE_DONE',
      hosts: 4,
      moves: expect.any(Number) as number,
      replies: expect.any(Number) as number,
      duration_s: expect.any(Number) as number,
      api_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
    });
    // Six instances are left after scaling in; each host but the empty one was emptied of its own.
    expect(result.moves).toBeGreaterThanOrEqual(6);
    expect(result.replies).toBeGreaterThanOrEqual(6);
    expect(result.duration_s).toBeGreaterThan(0);
    expect(result.duration_s).toBeLessThan(60);
    await expect(answers(result.api_url)).rejects.toThrow();
  });

  it('works on several hosts at once with vnf, and proves how close it came', async ({ onTestFinished }) => {
    const { ended, lines, stderr } = demo(onTestFinished, '--json', '--workflow', 'vnf', '--hosts', '12');
    expect([await ended, stderr()]).toEqual([[0, null], '']);
    expect(lines).toHaveLength(1);
    const result = JSON.parse(lines[0] ?? '') as Result & Proof;
    expect(result).toMatchObject({
      state: 'MAINTENANCE_DONE',
      hosts: 12,
      // Every instance once.
      moves: 40,
      violations: 0,
      planned_makespan_s: expect.any(Number) as number,
      binding: expect.stringMatching(/^(capacity|group|host|streams|slot_time)$/) as string,
    });
    expect(result.lower_bound_s).toBeGreaterThan(0);
    expect(result.makespan_s).toBeGreaterThanOrEqual(result.lower_bound_s);
    expect(result.duration_s).toBeLessThan(60);
  });

  it('says which hosts are worked on at once, and what came of the plan', async ({ onTestFinished }) => {
    const { ended, lines } = demo(onTestFinished, '--workflow', 'vnf', '--hosts', '6');
    expect(await ended).toEqual([0, null]);
    const said = lines.join('\n');
    expect(said).toMatch(/plan +[\d.]+ s; nothing could take less than [\d.]+ s/);
    expect(said).toMatch(/at once +emptied: compute-\d/);
    expect(said).toMatch(/at once +in maintenance: compute-\d/);
    expect(said).toMatch(/VNFM video answers ACK_PLANNED_MAINTENANCE/);
    expect(said).toMatch(/planned [\d.]+ s, took [\d.]+ s/);
    expect(said).toMatch(/no schedule could have taken less than/);
    expect(said).toMatch(/binding: \w+: /);
    expect(said).toContain('0 violations of limits');
  });

  it('has as many hosts as it is told', async ({ onTestFinished }) => {
    const { ended, lines, stderr } = demo(onTestFinished, '--json', '--hosts', '2');
    expect([await ended, stderr()]).toEqual([[0, null], '']);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ state: 'MAINTENANCE_DONE', hosts: 2 });
  });

  it('tells what happens, and stays until Ctrl-C where it is told to', async ({ onTestFinished }) => {
    const { child, ended, line, lines } = demo(onTestFinished, '--keep', '--hosts', '3');
    const server = addressIn(await line((text) => /^ {2}server/.test(text)));
    const said = lines.join('\n');
    for (const text of [
      '0 of 3 hosts maintained',
      '3 of 3 hosts maintained',
      'MAINTENANCE_DONE: every host is done',
      'is told SCALE_IN',
      'answers ACK_PLANNED_MAINTENANCE with MIGRATE',
      'ignores faults of compute-1',
      'watches again compute-1',
      'MAINTENANCE_DONE after',
    ])
      expect(said).toContain(text);
    expect(said).toMatch(/doctor_\w+ moved: compute-\d → compute-\d/);
    expect(await answers(server)).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    await expect(answers(server)).rejects.toThrow();
  });

  it('stops everything at Ctrl-C in the middle, and does not call that a success', async ({
    onTestFinished,
  }) => {
    const { child, ended, line, lines, stderr } = demo(onTestFinished);
    const server = addressIn(await line((text) => text.includes('the API is at')));
    await line((text) => text.includes('moved:'));
    expect(await answers(server)).toBe(200);
    child.kill('SIGINT');
    const [status] = await ended;
    expect([status, stderr()]).toEqual([130, '']);
    await expect(answers(server)).rejects.toThrow();
    expect(lines.join('\n')).not.toContain('MAINTENANCE_DONE');
  });

  it('stops at Ctrl-C while it is still starting', async ({ onTestFinished }) => {
    const { child, ended, line, stderr } = demo(onTestFinished);
    await line((text) => text.includes('starting a cloud'));
    child.kill('SIGINT');
    const [status] = await ended;
    expect([status, stderr()]).toEqual([130, '']);
  });
});

describe.concurrent('the demo refuses', () => {
  it.for([
    [['--hosts', '1'], "'1' is invalid. It must be a whole number from 2 to 500."],
    [['--workflow', 'other'], "argument 'other' is invalid. Allowed choices are default, vnf."],
    [['--host', '4'], "unknown option '--host'"],
  ] as const)('$0, with a message that says what is wrong', async ([args, message], { onTestFinished }) => {
    const { ended, lines, stderr } = demo(onTestFinished, '--json', ...args);
    const [status] = await ended;
    expect(status).toBe(1);
    expect(stderr()).toContain(message);
    expect(lines).toEqual([]);
  });
});
