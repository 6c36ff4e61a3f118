import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import {
  checkout,
  dockerfileText,
  lastOf,
  ownStages,
  readStages,
  words,
  type CopyStep,
  type Stage,
} from '../../packaging/image-file.ts';
import { ignoredPaths } from '../../packaging/ignored-paths.ts';

const { build, run } = ownStages();
const copies = ({ steps }: Stage) => steps.filter((step): step is CopyStep => 'sources' in step);
const isIgnored = ignoredPaths();

describe('the Dockerfile', () => {
  test('has nothing that Docker would refuse or warn of', () => {
    expect(validate(dockerfileText)).toEqual([]);
  });

  test('is linted by something that finds faults', () => {
    expect(validate('FROM node\nHEALTHCHECK --interva=30s CMD ls\n')).not.toEqual([]);
  });

  test('names the version of every base image', () => {
    for (const { image } of readStages()) expect(image).toMatch(/^node:\d+\.\d+\.\d+-[a-z-]+$/);
  });

  test('runs on a Node.js that package.json allows', () => {
    const { engines } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const [, major = '', minor = ''] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? [];
    const [, ours = '', ourMinor = ''] = /^node:(\d+)\.(\d+)\./.exec(run.image) ?? [];
    expect([Number(ours), Number(ourMinor) >= Number(minor)]).toEqual([Number(major), true]);
  });

  test('copies into the build what is in the checkout and not ignored', () => {
    const sources = copies(build).flatMap((step) => step.sources);
    expect(sources).toContain('package-lock.json');
    expect(sources.filter((source) => !existsSync(join(checkout, source)))).toEqual([]);
    expect(sources.filter(isIgnored)).toEqual([]);
    expect(copies(build).every(({ from }) => from === undefined)).toBe(true);
  });

  test('copies into the image only from the build, and no sources', () => {
    expect(copies(run).every(({ from }) => from === build.name)).toBe(true);
    expect(copies(run).flatMap(({ sources }) => sources)).toEqual(
      ['package.json', 'node_modules', 'dist', 'openapi'].map((name) => `/app/${name}`),
    );
  });

  test('fetches nothing by ADD, and installs what the lock file says', () => {
    expect([...build.steps, ...run.steps].map(({ kind }) => kind)).not.toContain('ADD');
    expect(build.steps).toContainEqual({ kind: 'RUN', text: 'npm ci' });
  });

  test('runs as a user that is not root, by number, to the end', () => {
    const user = lastOf(run, 'USER') ?? '';
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const last = run.steps.findLastIndex(({ kind }) => kind === 'USER');
    expect(run.steps.slice(last).filter(({ kind }) => kind === 'RUN' || kind === 'COPY')).toEqual([]);
  });

  test('has a health check, and is stopped by SIGTERM without a shell in between', () => {
    expect(words(run, 'HEALTHCHECK')[2]).toContain('/healthcheck');
    expect(lastOf(run, 'STOPSIGNAL')).toBe('SIGTERM');
    expect([...words(run, 'ENTRYPOINT'), ...words(run, 'CMD')]).toEqual([
      'node',
      '/app/dist/src/main.js',
      'serve',
    ]);
  });

  test('is labelled with the version of package.json', () => {
    const { version, name } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const label = lastOf(run, 'LABEL');
    expect(label).toContain(`org.opencontainers.image.version="${version ?? ''}"`);
    expect(label).toContain(`org.opencontainers.image.title="${name ?? ''}"`);
  });
});

describe('.dockerignore', () => {
  test.each([
    '.git/config',
    '.env',
    'fenix.env',
    'node_modules/yaml/package.json',
    'test/unit/x.ts',
    'fenix.sqlite',
    'src/fenix.sqlite-wal',
    'packaging/compose.env.example',
  ])('keeps %s out of the build', (path) => {
    expect(isIgnored(path)).toBe(true);
  });

  test.each(['src/main.ts', 'db/migrate.ts', 'openapi/fenix.yaml', 'package-lock.json', '.npmrc'])(
    'lets %s in',
    (path) => {
      expect(isIgnored(path)).toBe(false);
    },
  );
});
