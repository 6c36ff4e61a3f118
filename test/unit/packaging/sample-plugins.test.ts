/** The samples of packaging/plugins, as the server runs them, with a made-up ssh and a made-up firmware tool. */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PluginFolder } from '../../../src/adapters/plugins/plugin-folder.ts';
import { PluginFailed, type PluginTask } from '../../../src/engine/ports.ts';
import { checkout } from '../../packaging/image-file.ts';
import { temporaryFolder, writeScript } from '../../support/plugin-files.ts';
import type { AtEnd } from '../../support/stage.ts';

const samples = join(checkout, 'packaging/plugins');

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The samples in a folder of their own, and tools for them to find in PATH. */
async function site(atEnd: AtEnd, tools: (state: string) => Readonly<Record<string, string>>) {
  const home = await temporaryFolder(atEnd);
  const folder = join(home, 'plugins');
  await writeScript(folder, 'placeholder', 'true');
  for (const file of await readdir(samples)) await copyFile(join(samples, file), join(folder, file));
  const bin = join(home, 'bin');
  for (const [name, script] of Object.entries(tools(home))) await writeScript(bin, name, script);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);
  const plugins = new PluginFolder({ folder, downloadsFolder: home, timeoutSeconds: 60 });
  const lines: string[] = [];
  const run = (plugin: string, metadata: PluginTask['metadata'], type: PluginTask['type'] = 'compute') =>
    plugins.run(
      {
        sessionId: '7b1f0c52-4d2e-11ee-9c5a-0242ac120003',
        plugin,
        type,
        host: 'cmp-07.example.net',
        metadata,
        sessionMetadata: {},
        workflow: 'default',
        runId: 'run-1',
        repeated: false,
      },
      (some) => Promise.resolve(void lines.push(...some)),
      new AbortController().signal,
    );
  const failure = async (...wanted: Parameters<typeof run>): Promise<string> => {
    const error = await run(...wanted).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PluginFailed);
    return (error as Error).message;
  };
  const logged = async () => (await readFile(join(home, 'log'), 'utf8').catch(() => '')).trim().split('\n');
  return { home, folder, plugins, lines, run, failure, logged };
}

describe('the sample upgrade_packages', () => {
  /** `ssh` runs on this machine what it is told, with tools that only take notes. */
  const remote = (home: string) => ({
    ssh: [
      `echo "ssh $*" >> ${home}/log`,
      'while [ "$1" != -- ]; do shift; done',
      'shift 2',
      'case "$*" in',
      `  *boot_id*) cat ${home}/boot-id;;`,
      '  *) "$@";;',
      'esac',
    ].join('\n'),
    dpkg: `echo "dpkg $*" >> ${home}/log`,
    'apt-get': `echo "apt-get $*" >> ${home}/log; echo "Setting up"; [ ! -e ${home}/broken ]`,
    dnf: `echo "dnf $*" >> ${home}/log; [ "$1" != needs-restarting ] || [ -e ${home}/booted ]`,
    systemctl: `echo "systemctl $*" >> ${home}/log; echo second > ${home}/boot-id; touch ${home}/booted; exit 255`,
  });

  it('upgrades the packages that are named, and shows what is done', async ({ onTestFinished }) => {
    const { run, lines, logged } = await site(onTestFinished, remote);
    await run('upgrade_packages', { packages: ['nova-compute', 'libvirt0'] });
    const log = await logged();
    expect(log[0]).toMatch(
      /^ssh .*-o BatchMode=yes .*-- root@cmp-07\.example\.net sh -s -- nova-compute libvirt0$/,
    );
    expect(log.slice(1)).toEqual([
      'dpkg --configure -a',
      'apt-get -qy update',
      'apt-get -qy -o Dpkg::Options::=--force-confold install --only-upgrade nova-compute libvirt0',
    ]);
    expect(lines).toEqual([
      'upgrading nova-compute, libvirt0 on cmp-07.example.net',
      'Setting up',
      'Setting up',
      'cmp-07.example.net is done',
    ]);
  });

  it('upgrades everything, and boots the host where that is asked for', async ({ onTestFinished }) => {
    const { run, lines, logged, home } = await site(onTestFinished, remote);
    await writeFile(join(home, 'boot-id'), 'first\n');
    await run('upgrade_packages', { reboot: true, user: 'maintainer', reboot_seconds: 5 });
    const log = await logged();
    expect(log.filter((line) => !line.startsWith('ssh'))).toEqual([
      'dpkg --configure -a',
      'apt-get -qy update',
      'apt-get -qy -o Dpkg::Options::=--force-confold dist-upgrade',
      'dnf needs-restarting -r',
      'systemctl reboot',
    ]);
    expect(log.filter((line) => line.startsWith('ssh')).every((line) => line.includes('maintainer@'))).toBe(
      true,
    );
    expect(lines.slice(-3)).toEqual([
      'booting cmp-07.example.net',
      'cmp-07.example.net is back',
      'cmp-07.example.net is done',
    ]);
  });

  it('fails where the upgrade fails, or the host does not come back', async ({ onTestFinished }) => {
    const { failure, home } = await site(onTestFinished, (folder) => ({
      ...remote(folder),
      systemctl: 'exit 255',
    }));
    await writeFile(join(home, 'boot-id'), 'first\n');
    expect(await failure('upgrade_packages', { reboot: 'always', reboot_seconds: 0.2 })).toContain(
      'upgrade_packages: cmp-07.example.net did not come back within 0 s',
    );
    await writeFile(join(home, 'broken'), '');
    expect(await failure('upgrade_packages', {})).toContain('the upgrade of cmp-07.example.net failed');
  });

  it.for([
    [{ packages: ['--allow-downgrades'] }, "'--allow-downgrades' is no name of a package"],
    [{ packages: ['a;reboot'] }, "'a;reboot' is no name of a package"],
    [{ user: '-oProxyCommand=x' }, "'-oProxyCommand=x' is no name of a user"],
  ] as const)('refuses %j before it reaches for the host', async ([metadata, said], { onTestFinished }) => {
    const { failure, logged } = await site(onTestFinished, remote);
    expect(await failure('upgrade_packages', metadata)).toContain(said);
    expect(await logged()).toEqual(['']);
  });

  it('is for hosts, may be repeated, and has time', async ({ onTestFinished }) => {
    const { failure, plugins } = await site(onTestFinished, remote);
    expect(await failure('upgrade_packages', {}, 'pre')).toContain('not pre');
    expect(await plugins.find('upgrade_packages', '')).toEqual({
      afterCrash: 'repeat',
      timeoutSeconds: 7_200,
    });
  });
});

describe('the sample firmware', () => {
  const tools = (home: string) => ({
    racadm: [
      `echo "racadm $*" >> ${home}/log`,
      'case "$*" in',
      `  *getversion*) echo "Bios Version           = $(cat ${home}/level)";;`,
      `  *update*) echo "writing"; [ -e ${home}/stuck ] || echo 2.21.1 > ${home}/level; [ ! -e ${home}/broken ];;`,
      'esac',
    ].join('\n'),
  });

  /** As it is delivered, but that it looks more often. */
  async function quick(atEnd: AtEnd, level: string) {
    const made = await site(atEnd, tools);
    const file = join(made.folder, 'firmware.ini');
    const settings = await readFile(file, 'utf8');
    await writeFile(
      file,
      settings
        .replace('settle_seconds = 1800', 'settle_seconds = 0.2')
        .replace('look_seconds = 15', 'look_seconds = 0.05'),
    );
    await writeFile(join(made.home, 'level'), `${level}\n`);
    return made;
  }

  it('writes the image of the level, and waits until the host is at it', async ({ onTestFinished }) => {
    const { run, lines, logged } = await quick(onTestFinished, '2.20.0');
    await run('firmware', { level: '2.21.1' });
    const at = 'racadm -r cmp-07-bmc.example.net --nocertwarn';
    expect(await logged()).toEqual([
      `${at} getversion -b`,
      `${at} update -f /srv/firmware/BIOS_2.21.1.exe --reboot`,
      `${at} getversion -b`,
    ]);
    expect(lines).toEqual([
      'cmp-07.example.net is at 2.20.0, wanted is 2.21.1',
      'writing',
      'cmp-07.example.net is at 2.21.1',
    ]);
  });

  it('leaves a host alone that is at the level', async ({ onTestFinished }) => {
    const { run, logged } = await quick(onTestFinished, '2.21.1');
    await run('firmware', { level: '2.21.1' });
    expect((await logged()).filter((line) => line.includes('update'))).toEqual([]);
  });

  it('fails where the tool fails, or the level does not come', async ({ onTestFinished }) => {
    const { failure, home } = await quick(onTestFinished, '2.20.0');
    await writeFile(join(home, 'stuck'), '');
    expect(await failure('firmware', { level: '2.21.1' })).toContain('does not say that it is at 2.21.1');
    await writeFile(join(home, 'broken'), '');
    expect(await failure('firmware', { level: '2.21.1' })).toContain('could not be written');
  });

  it.for([[{}], [{ level: '9' }], [{ level: '../x' }], [{ level: ['2.21.1'] }]] as const)(
    'runs nothing for %j, of which it has no image',
    async ([metadata], { onTestFinished }) => {
      const { failure, logged } = await quick(onTestFinished, '2.20.0');
      expect(await failure('firmware', metadata)).toContain('it has 2.21.1');
      expect(await logged()).toEqual(['']);
    },
  );

  it('is for hosts, and is not repeated by itself', async ({ onTestFinished }) => {
    const { failure, plugins } = await site(onTestFinished, tools);
    expect(await failure('firmware', { level: '2.21.1' }, 'post')).toContain('not post');
    expect(await plugins.find('firmware', '')).toEqual({ afterCrash: 'fail', timeoutSeconds: 5_400 });
  });
});
