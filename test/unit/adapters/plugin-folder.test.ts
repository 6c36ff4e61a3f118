import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PluginFolder } from '../../../src/adapters/plugins/plugin-folder.ts';
import { PluginFailed, type PluginTask } from '../../../src/engine/ports.ts';
import { temporaryFolder, writeScript } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';

const sessionId = '7b1f0c52-4d2e-11ee-9c5a-0242ac120003';

const task: PluginTask = {
  sessionId,
  plugin: 'firmware',
  type: 'host',
  host: 'cmp-07.example.net',
  metadata: { level: '7.2', banks: [1, 2] },
  sessionMetadata: { openstack_version: 'Epoxy' },
  workflow: 'vnf',
  runId: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
  repeated: false,
};

async function folders(atEnd: AtEnd) {
  const home = await temporaryFolder(atEnd);
  const folder = join(home, 'plugins');
  const downloadsFolder = join(home, 'downloads');
  await mkdir(folder);
  await mkdir(join(downloadsFolder, sessionId), { recursive: true, mode: 0o700 });
  const plugins = new PluginFolder({ folder, downloadsFolder, timeoutSeconds: 60 });
  return { home, folder, plugins, actions: join(downloadsFolder, sessionId, 'actions') };
}

const noReport = () => Promise.resolve();
const never = new AbortController().signal;

describe('where a plug-in is looked for', () => {
  it('is an executable file of the folder', async ({ onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await writeScript(folder, 'firmware', 'true');
    await writeFile(join(folder, 'notes'), 'no program');
    await mkdir(join(folder, 'more'));
    expect(await plugins.find('firmware', '')).toEqual({ afterCrash: 'fail', timeoutSeconds: 60 });
    expect(await plugins.find('notes', '')).toBeUndefined();
    expect(await plugins.find('more', '')).toBeUndefined();
    expect(await plugins.find('missing', '')).toBeUndefined();
  });

  it('is nowhere outside the folder, whatever the name', async ({ onTestFinished }) => {
    const { home, folder, plugins } = await folders(onTestFinished);
    const outside = await writeScript(home, 'outside', 'true');
    await writeScript(join(folder, 'sub'), 'inner', 'true');
    await writeScript(folder, '.hidden', 'true');
    await writeScript(folder, 'firmware.yaml', 'true');
    await symlink(outside, join(folder, 'link'));
    await symlink(home, join(folder, 'away'));
    const names = ['../outside', outside, 'link', 'away/outside', 'sub/inner', '.hidden', '..', '.', ''];
    names.push('firmware.yaml', 'outside\u0000', 'x'.repeat(5_000), '-rf', 'a b');
    for (const name of names) expect(await plugins.find(name, ''), name).toBeUndefined();
  });

  it('may be a link to another program of the folder', async ({ onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await symlink(await writeScript(folder, 'firmware', 'true'), join(folder, 'bios'));
    expect(await plugins.find('bios', '')).toBeDefined();
  });

  it("is the session's own downloads where the folder has none of that name", async ({ onTestFinished }) => {
    const { home, folder, plugins, actions } = await folders(onTestFinished);
    const note = join(home, 'note');
    await writeScript(actions, 'firmware', `echo brought > ${note}`);
    expect(await plugins.find('firmware', '')).toBeUndefined();
    expect(await plugins.find('firmware', '7b1f0c52-4d2e-11ee-9c5a-0242ac120004')).toBeUndefined();
    expect(await plugins.find('firmware', sessionId)).toBeDefined();
    await plugins.run(task, noReport, never);
    expect(await readFile(note, 'utf8')).toBe('brought\n');
    await writeScript(folder, 'firmware', `echo own > ${note}`);
    await plugins.run(task, noReport, never);
    expect(await readFile(note, 'utf8')).toBe('own\n');
  });

  it('is no folder that others could have laid there for us', async ({ onTestFinished }) => {
    const { home, plugins, actions } = await folders(onTestFinished);
    await writeScript(actions, 'firmware', 'true');
    await chmod(join(actions, '..'), 0o777);
    expect(await plugins.find('firmware', sessionId)).toBeUndefined();
    const other = '7b1f0c52-4d2e-11ee-9c5a-0242ac120005';
    await chmod(join(actions, '..'), 0o700);
    await symlink(join(actions, '..'), join(home, 'downloads', other));
    expect(await plugins.find('firmware', other)).toBeUndefined();
  });
});

describe('the manifest beside a plug-in', () => {
  it('sets its time limit, and whether it may be repeated', async ({ onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await writeScript(folder, 'firmware', 'true');
    await writeFile(join(folder, 'firmware.yaml'), 'timeout_seconds: 7200\nafter_crash: repeat\n');
    expect(await plugins.find('firmware', '')).toEqual({ afterCrash: 'repeat', timeoutSeconds: 7_200 });
    await writeFile(join(folder, 'firmware.yaml'), '# nothing\n');
    expect(await plugins.find('firmware', '')).toEqual({ afterCrash: 'fail', timeoutSeconds: 60 });
  });

  it.for([
    ['timeout_seconds: soon', 'timeout_seconds'],
    ['timeout_seconds: 0', 'timeout_seconds'],
    ['after_crash: maybe', 'after_crash'],
    ['after-crash: repeat', 'after-crash'],
    ['{', 'no YAML'],
    ['- repeat', 'firmware.yaml'],
  ])('is refused with its file and field when it says %s', async ([text = '', named], { onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await writeScript(folder, 'firmware', 'true');
    const file = join(folder, 'firmware.yaml');
    await writeFile(file, text);
    const failure = await plugins.find('firmware', '').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PluginFailed);
    expect((failure as Error).message).toContain(file);
    expect((failure as Error).message).toContain(named);
  });
});

describe('what a plug-in gets', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is one JSON document on standard input', async ({ onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await writeScript(folder, 'firmware', 'cat > input.json; pwd > folder');
    await plugins.run({ ...task, repeated: true }, noReport, never);
    expect(JSON.parse(await readFile(join(folder, 'input.json'), 'utf8'))).toEqual({
      session_id: sessionId,
      workflow: 'vnf',
      plugin: 'firmware',
      type: 'host',
      host: 'cmp-07.example.net',
      metadata: { level: '7.2', banks: [1, 2] },
      session_metadata: { openstack_version: 'Epoxy' },
      run_id: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
      repeated: true,
    });
    expect(await readFile(join(folder, 'folder'), 'utf8')).toBe(`${folder}\n`);
  });

  it('is the same in its environment, and nothing of our own that could be a secret', async ({
    onTestFinished,
  }) => {
    const { folder, plugins } = await folders(onTestFinished);
    vi.stubEnv('FENIX_KEYSTONE_PASSWORD', 'secret');
    vi.stubEnv('OS_PASSWORD', 'secret');
    vi.stubEnv('NODE_OPTIONS', '--no-warnings');
    vi.stubEnv('SSH_AUTH_SOCK', '/run/agent');
    vi.stubEnv('LC_ALL', 'C.UTF-8');
    const script = `#!${process.execPath}\nrequire('fs').writeFileSync('env.json', JSON.stringify(process.env));\n`;
    await writeScript(folder, 'firmware', script);
    await plugins.run(task, noReport, never);
    const got = JSON.parse(await readFile(join(folder, 'env.json'), 'utf8')) as Record<string, string>;
    expect(got).toMatchObject({
      FENIX_SESSION_ID: sessionId,
      FENIX_WORKFLOW: 'vnf',
      FENIX_PLUGIN: 'firmware',
      FENIX_TYPE: 'host',
      FENIX_HOST: 'cmp-07.example.net',
      FENIX_RUN_ID: '5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52',
      FENIX_REPEATED: 'false',
      FENIX_METADATA: '{"level":"7.2","banks":[1,2]}',
      FENIX_SESSION_METADATA: '{"openstack_version":"Epoxy"}',
      PATH: process.env['PATH'],
      SSH_AUTH_SOCK: '/run/agent',
      LC_ALL: 'C.UTF-8',
    });
    const ours = /^(FENIX_(SESSION_ID|WORKFLOW|PLUGIN|TYPE|HOST|RUN_ID|REPEATED|(SESSION_)?METADATA))$/;
    const passedOn = /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|__CF_USER_TEXT_ENCODING)$/;
    expect(Object.keys(got).filter((name) => !ours.test(name) && !passedOn.test(name))).toEqual([]);
    expect(JSON.stringify(got)).not.toContain('secret');
  });

  it('is on standard input alone where the environment could not hold it', async ({ onTestFinished }) => {
    const { folder, plugins } = await folders(onTestFinished);
    await writeScript(folder, 'firmware', 'echo "[$FENIX_METADATA]"; wc -c');
    const lines: string[] = [];
    const report = (some: readonly string[]) => Promise.resolve(void lines.push(...some));
    await plugins.run({ ...task, metadata: { list: 'x'.repeat(500_000) } }, report, never);
    expect(lines[0]).toBe('[]');
    expect(Number(lines[1])).toBeGreaterThan(500_000);
  });
});
