/** What `docker build` does, in two clean folders in place of two stages: nothing but what the COPY lines name gets in. */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ignoredPaths } from './ignored-paths.ts';
import { checkout, type CopyStep, type Stage } from './image-file.ts';

/** Where both stages work, and where everything is that the image runs. */
export const workdir = '/app';

/** A variable that a RUN step may need; nothing of the tests around it, such as NODE_ENV. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  // Linking the system's SQLite, where it is installed, saves minutes of compiling, as in .ci/run.
  const sqlite = existsSync('/usr/include/sqlite3.h') ? { npm_config_sqlite: '/usr' } : {};
  return { PATH, HOME, ...sqlite };
}

/**
 * Carries out COPY and RUN of the build stage in order, in an empty folder.
 * @throws Error with the output of a RUN step that failed.
 */
export async function runBuildStage(stage: Stage, folder: string): Promise<void> {
  const isIgnored = ignoredPaths();
  for (const step of stage.steps) {
    if ('sources' in step) {
      for (const source of step.sources) {
        await cp(join(checkout, source), join(folder, targetOf(step, source)), {
          recursive: true,
          filter: (path) => !isIgnored(relative(checkout, path)),
        });
      }
    } else if (step.kind === 'RUN') {
      await shell(step.text, folder);
    } else if (step.kind !== 'WORKDIR' || step.text !== workdir) {
      throw new Error(`a build stage with ${step.kind} ${step.text} is not known here`);
    }
  }
}

/** Carries out the COPY steps of the last stage, from the build's folder into another empty one. */
export async function copyIntoImage(stage: Stage, buildFolder: string, folder: string): Promise<void> {
  for (const step of stage.steps) {
    if (!('sources' in step)) continue;
    for (const source of step.sources) {
      const target = join(folder, targetOf(step, source));
      await mkdir(join(target, '..'), { recursive: true });
      await promisify(execFile)('cp', ['-a', join(buildFolder, relative(workdir, source)), target]);
    }
  }
}

/** `COPY a ./` puts a file below the target; `COPY a b` is a new name. */
function targetOf({ target }: CopyStep, source: string): string {
  return target.endsWith('/') ? join(target, source.slice(source.lastIndexOf('/') + 1)) : target;
}

function shell(command: string, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd,
      env: buildEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`RUN ${command} ended with ${status ?? signal ?? ''}:\n${output}`));
    });
  });
}
