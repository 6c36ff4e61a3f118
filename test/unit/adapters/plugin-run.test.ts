import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { PluginFolder } from '../../../src/adapters/plugins/plugin-folder.ts';
import { PluginFailed } from '../../../src/engine/ports.ts';
import { temporaryFolder, writeScript } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';

interface Told {
  readonly lines: string[];
  readonly batches: number[];
}

/** A plug-in with this script, ready to be run. */
async function plugin(atEnd: AtEnd, script: string, { timeoutSeconds = 60 } = {}) {
  const folder = await temporaryFolder(atEnd);
  await writeScript(folder, 'work', script);
  const plugins = new PluginFolder({ folder, downloadsFolder: join(folder, 'none'), timeoutSeconds });
  const told: Told = { lines: [], batches: [] };
  const report = (lines: readonly string[]) => {
    told.lines.push(...lines);
    told.batches.push(lines.length);
    return Promise.resolve();
  };
  const run = (signal = new AbortController().signal, metadata: Record<string, unknown> = {}) =>
    plugins.run(
      {
        sessionId: '7b1f0c52-4d2e-11ee-9c5a-0242ac120003',
        plugin: 'work',
        type: 'host',
        host: 'cmp-07',
        metadata,
        sessionMetadata: {},
        workflow: 'default',
        runId: 'run-1',
        repeated: false,
      },
      report,
      signal,
    );
  const failure = async (signal?: AbortSignal): Promise<string> => {
    const error = await run(signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PluginFailed);
    return (error as Error).message;
  };
  return { folder, run, failure, told };
}

const node = (body: string): string => `#!${process.execPath}\n${body}\n`;

/** Is the process of this id, which a plug-in noted in a file, still there? */
async function isAlive(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8'));
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // What was killed and nobody has waited for is dead all the same.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' ? process.platform !== 'linux' : !/\) Z /.test(stat);
}

async function untilThere(file: string): Promise<void> {
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000, interval: 10 });
}

describe('the end of a plug-in', () => {
  it('is good with exit status 0', async ({ onTestFinished }) => {
    const { run, told } = await plugin(onTestFinished, 'echo one; echo two >&2');
    await run();
    expect(told.lines.toSorted()).toEqual(['one', 'two']);
  });

  it('is bad with any other, and the reason has its last lines', async ({ onTestFinished }) => {
    const { failure } = await plugin(
      onTestFinished,
      'for i in 1 2 3 4 5 6 7 8 9 10 11; do echo line $i; done; exit 3',
    );
    const message = await failure();
    expect(message).toContain('the plug-in work failed on cmp-07 (exit status 3): line 2\n');
    expect(message.endsWith('line 11')).toBe(true);
    expect(message).not.toContain('line 1\n');
  });

  it('is bad when a signal ends it', async ({ onTestFinished }) => {
    const { failure } = await plugin(onTestFinished, 'kill -9 $$');
    expect(await failure()).toBe('the plug-in work failed on cmp-07 (SIGKILL): it wrote nothing');
  });

  it('is bad when it cannot be started', async ({ onTestFinished }) => {
    const { failure } = await plugin(onTestFinished, '#!/no/such/interpreter\n');
    expect(await failure()).toMatch(/work failed on cmp-07: it cannot be started: .*ENOENT/);
  });

  it('is told when it vanished meanwhile', async ({ onTestFinished }) => {
    const { failure, folder } = await plugin(onTestFinished, 'true');
    await rm(join(folder, 'work'));
    expect(await failure()).toBe('there is no action plug-in work');
  });

  it('does not wait for a child that it left behind with its outputs', async ({ onTestFinished }) => {
    const { run, folder, told } = await plugin(onTestFinished, 'sleep 600 & echo $! > left; echo done');
    await run();
    expect(told.lines).toEqual(['done']);
    expect(await isAlive(join(folder, 'left'))).toBe(true);
    process.kill(Number(await readFile(join(folder, 'left'), 'utf8')), 'SIGKILL');
  });
});

describe.concurrent('a plug-in that is broken off', () => {
  it('after its time limit is ended with all that it started', async ({ onTestFinished }) => {
    const script = 'sleep 600 & echo $! > child; echo working; wait';
    const { failure, folder } = await plugin(onTestFinished, script, { timeoutSeconds: 3 });
    expect(await failure()).toBe('the plug-in work did not end on cmp-07 within 3 s: working');
    expect(await isAlive(join(folder, 'child'))).toBe(false);
  });

  it('has failed also when it ends well once it is told to stop', async ({ onTestFinished }) => {
    const script = "trap 'echo cleaned up; exit 0' TERM; echo $$ > started; while :; do sleep 0.05; done";
    const { failure } = await plugin(onTestFinished, script, { timeoutSeconds: 3 });
    expect(await failure()).toMatch(/^the plug-in work did not end on cmp-07 within 3 s: (.*\n)?cleaned up$/);
  });

  it('may be given longer by its manifest', async ({ onTestFinished }) => {
    const { run, folder } = await plugin(onTestFinished, 'sleep 1.2', { timeoutSeconds: 1 });
    await writeFile(join(folder, 'work.yaml'), 'timeout_seconds: 60\n');
    await run();
  });

  it('by an aborted signal is ended, and the reason of the signal is thrown', async ({ onTestFinished }) => {
    const { run, folder } = await plugin(onTestFinished, 'sleep 600 & echo $! > child; touch up; wait');
    const controller = new AbortController();
    const running = run(controller.signal);
    await untilThere(join(folder, 'up'));
    controller.abort(new Error('stopping'));
    await expect(running).rejects.toThrow('stopping');
    expect(await isAlive(join(folder, 'child'))).toBe(false);
  });

  it('is killed when it does not listen, and so are its children', async ({ onTestFinished }) => {
    const deaf =
      "trap '' TERM; sh -c 'echo $$ > child; while :; do sleep 0.05; done' & touch up; wait; sleep 600";
    const { run, folder } = await plugin(onTestFinished, deaf);
    const controller = new AbortController();
    const running = run(controller.signal);
    await untilThere(join(folder, 'up'));
    await untilThere(join(folder, 'child'));
    controller.abort(new Error('stopping'));
    await expect(running).rejects.toThrow('stopping');
    expect(await isAlive(join(folder, 'child'))).toBe(false);
  });

  it('is not even started when the signal has aborted before', async ({ onTestFinished }) => {
    const { run, folder } = await plugin(onTestFinished, 'touch started');
    await expect(run(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
    expect(existsSync(join(folder, 'started'))).toBe(false);
  });
});

describe('the input of a plug-in', () => {
  it('need not be read, however long it is', async ({ onTestFinished }) => {
    const { run } = await plugin(onTestFinished, 'exec 0<&-; exit 0');
    await run(undefined, { list: 'x'.repeat(900_000) });
  });
});

describe('the output of a plug-in', () => {
  it('is told while it runs', async ({ onTestFinished }) => {
    const { run, told, folder } = await plugin(
      onTestFinished,
      'echo first; until [ -e go ]; do sleep 0.05; done',
    );
    const running = run();
    await vi.waitFor(() => expect(told.lines).toEqual(['first']), { timeout: 10_000 });
    await writeFile(join(folder, 'go'), '');
    await running;
    expect(told.lines).toEqual(['first']);
  });

  it('may have any line ends, and none at its end', async ({ onTestFinished }) => {
    const script = String.raw`printf 'a\r\nb\rc\n\nd'; printf '10%%\r20%%\r\n' >&2`;
    const { run, told } = await plugin(onTestFinished, script);
    await run();
    expect(told.lines.toSorted()).toEqual(['', '10%', '20%', 'a', 'b', 'c', 'd']);
  });

  it('joins a line that comes in pieces, also a break in its middle', async ({ onTestFinished }) => {
    const pieces = node(
      `const parts = [Buffer.from('caf'), Buffer.from([0xc3]), Buffer.from([0xa9]), 'x\\r', '\\nend\\n'];
       const next = () => parts.length && process.stdout.write(parts.shift(), () => setTimeout(next, 30));
       next();`,
    );
    const { run, told } = await plugin(onTestFinished, pieces);
    await run();
    expect(told.lines).toEqual(['caféx', 'end']);
  });

  it('is made readable where it is no text', async ({ onTestFinished }) => {
    const { run, told } = await plugin(onTestFinished, String.raw`printf 'a\000b\377c\n'`);
    await run();
    expect(told.lines).toEqual(['a\uFFFDb\uFFFDc']);
  });

  it('is cut where a line is too long, between characters', async ({ onTestFinished }) => {
    const script = node(`process.stdout.write('x'.repeat(1999) + '😀'.repeat(500_000) + '\\nnext\\n');`);
    const { run, told } = await plugin(onTestFinished, script);
    await run();
    expect(told.lines).toEqual([`${'x'.repeat(1999)} [cut]`, 'next']);
  });

  it('is left out in its middle where there is too much of it', async ({ onTestFinished }) => {
    const { run, told } = await plugin(onTestFinished, 'seq 1 300000');
    await run();
    expect(told.lines.slice(0, 2_000)).toEqual(Array.from({ length: 2_000 }, (_, index) => `${index + 1}`));
    expect(told.lines[2_000]).toBe('[297980 lines are left out here]');
    expect(told.lines.slice(2_001)).toEqual(Array.from({ length: 20 }, (_, index) => `${299_981 + index}`));
  });

  it('is bounded also where its lines are long', async ({ onTestFinished }) => {
    const { run, told } = await plugin(onTestFinished, "yes $(printf '%01900d' 0) | head -n 5000; echo end");
    await run();
    const characters = told.lines.reduce((sum, line) => sum + line.length, 0);
    expect(characters).toBeLessThan(600_000);
    expect(told.lines.at(-1)).toBe('end');
  });

  it('leaves out nothing that just fits', async ({ onTestFinished }) => {
    const { run, told } = await plugin(onTestFinished, 'seq 1 2015');
    await run();
    expect(told.lines).toEqual(Array.from({ length: 2_015 }, (_, index) => `${index + 1}`));
  });

  it('is told in order, a batch at a time, and a report that fails does not hide its end', async ({
    onTestFinished,
  }) => {
    const folder = await temporaryFolder(onTestFinished);
    await mkdir(folder, { recursive: true });
    await writeScript(folder, 'work', 'for i in 1 2 3; do echo $i; sleep 0.3; done');
    const plugins = new PluginFolder({ folder, downloadsFolder: folder, timeoutSeconds: 60 });
    let under = 0;
    const told: string[] = [];
    await plugins.run(
      {
        sessionId: 'session',
        plugin: 'work',
        type: 'pre',
        host: 'localhost',
        metadata: {},
        sessionMetadata: {},
        workflow: 'default',
        runId: 'run-1',
        repeated: false,
      },
      async (lines) => {
        under += 1;
        expect(under).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        under -= 1;
        told.push(...lines);
        throw new Error('the journal is away');
      },
      new AbortController().signal,
    );
    expect(told).toEqual(['1', '2', '3']);
  });
});
