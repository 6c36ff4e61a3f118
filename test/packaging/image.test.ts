import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { campaign, host, several } from '../support/small-campaign.ts';
import { copyIntoImage, runBuildStage, workdir } from './clean-build.ts';
import { ownStages, words } from './image-file.ts';

const { build, run } = ownStages();

interface Lock {
  readonly packages: Readonly<Record<string, { dev?: true; optional?: true }>>;
}

let buildFolder = '';
let image = '';
beforeAll(async () => {
  buildFolder = await mkdtemp(join(tmpdir(), 'fenix-image-build-'));
  image = await mkdtemp(join(tmpdir(), 'fenix-image-'));
  await runBuildStage(build, buildFolder);
  await copyIntoImage(run, buildFolder, image);
  // What the RUN step of the last stage makes, which needs root.
  for (const folder of ['etc/fenix/plugins', 'var/lib/fenix/downloads']) {
    await mkdir(join(image, folder), { recursive: true });
  }
});
afterAll(async () => {
  for (const folder of [buildFolder, image]) await rm(folder, { recursive: true });
});

/** A path inside the container, or a setting that holds one, as it is here. */
const here = (text: string) =>
  text
    .replace(`${workdir}/`, `${image}/`)
    .replace('/var/lib/fenix', `${image}/var/lib/fenix`)
    .replace('/etc/fenix', `${image}/etc/fenix`);

/** The environment that Docker would give a container, with the least that `docker run -e` has to add. */
function containerEnvironment(port: number): NodeJS.ProcessEnv {
  const own = Object.entries(run.env).map(([name, value]) => [name, here(value)]);
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    PATH: process.env['PATH'],
    FENIX_SERVER_PORT: String(port),
    FENIX_SERVER_PUBLIC_URL: `http://127.0.0.1:${port}`,
    FENIX_SERVER_ALLOW_UNAUTHENTICATED_REMOTE: 'true',
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Every folder below node_modules that is a package, as the lock file names it. */
const installedPackages = (files: readonly string[]) =>
  files
    .map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(file)?.[1])
    .filter((path) => path !== undefined);

describe('the image', () => {
  test('has the production packages of the lock file, all of them and no others', async () => {
    const lock = JSON.parse(await readFile(join(buildFolder, 'package-lock.json'), 'utf8')) as Lock;
    const installed = installedPackages(await filesOf(image));
    const strangers = installed.filter((path) => lock.packages[path]?.dev ?? !(path in lock.packages));
    expect(strangers).toEqual([]);
    const wanted = Object.entries(lock.packages)
      .filter(([path, { dev, optional }]) => path !== '' && dev === undefined && optional === undefined)
      .map(([path]) => path);
    expect(wanted.filter((path) => !installed.includes(path))).toEqual([]);
  });

  test('has no sources, tests or caches', async () => {
    const own = (await filesOf(image)).filter((file) => !/^(node_modules|var|etc)\//.test(file));
    expect(own.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    expect(new Set(own.map((file) => file.split('/')[0]))).toEqual(
      new Set(['package.json', 'dist', 'openapi']),
    );
  });

  test('runs other commands of the server by its entry point', async () => {
    const [program = '', ...first] = words(run, 'ENTRYPOINT').map(here);
    const { stdout } = await promisify(execFile)(program, [...first, 'policy', 'show'], {
      cwd: image,
      env: containerEnvironment(0),
    });
    expect(stdout).toContain('fenix:maintenance:');
  });

  test('plans large clouds in a thread of its own', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `host-${index}`);
    const cloud = campaign(
      [...names.map((name) => host(name)), host('spare')],
      names.flatMap((name) => several(3, name)),
    );
    const planner = join(image, 'dist/src/adapters/planner/worker-planner.js');
    const program = `import { WorkerPlanner } from ${JSON.stringify(planner)};
      const plan = await new WorkerPlanner().plan(${JSON.stringify({ ...cloud, streams: { perHost: 2, total: 9 } })}, new AbortController().signal);
      console.log(JSON.stringify(plan));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'feasible', problems: [] });
  });

  test('starts, is healthy by its own check, and ends with 0 at its stop signal', async () => {
    const env = containerEnvironment(await freePort());
    const check = async () => {
      const [program = '', ...rest] = words(run, 'HEALTHCHECK');
      await promisify(execFile)(program, rest, { env });
    };
    await expect(check()).rejects.toThrow();

    const [program = '', ...rest] = [...words(run, 'ENTRYPOINT'), ...words(run, 'CMD')].map(here);
    const server: ChildProcess = spawn(program, rest, {
      cwd: image,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let log = '';
    server.stdout?.on('data', (data: Buffer) => (log += data.toString()));
    const ended = once(server, 'exit');
    try {
      await vi.waitFor(check, { timeout: 60_000, interval: 200 });
      expect(existsSync(join(image, 'var/lib/fenix/fenix.sqlite'))).toBe(true);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await ended, log).toEqual([0, null]);
  });
});
