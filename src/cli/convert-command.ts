import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/load-config.ts';
import { convertFenixConfig, type Conversion, type FenixFileText } from '../convert/convert-fenix-config.ts';

interface Options {
  readonly engine?: string;
  readonly api?: string;
  readonly output?: string;
  readonly secretsAsEnv?: true;
}

/** Where the command writes: the configuration, and what there is to say of it. */
export interface ConvertOutput {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

const ofThisProcess: ConvertOutput = {
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
};

/**
 * Turns the configuration of Fenix into ours. Without `--output` it goes to standard output, and passwords, which others
 * might read there, stay out as with `--secrets-as-env`. What is to be checked goes to standard error.
 */
export function convertCommand(to: ConvertOutput = ofThisProcess): Command {
  return new Command('convert-config')
    .description('turn the configuration of Fenix into one of this server (docs/migrating-from-fenix.md)')
    .option('--engine <file>', 'fenix.conf, the file of fenix-engine')
    .option('--api <file>', 'fenix-api.conf, the file of fenix-api')
    .option('--output <file>', 'write to a new file that only its owner can read, passwords included')
    .option('--secrets-as-env', 'leave passwords out, and name the variables that must hold them')
    .action((options: Options) => convert(options, to));
}

function convert({ engine, api, output, secretsAsEnv }: Options, to: ConvertOutput): void {
  if (engine === undefined && api === undefined) {
    throw new Error('name --engine fenix.conf, --api fenix-api.conf, or both');
  }
  const texts = {
    ...(engine !== undefined && { engine: read(engine) }),
    ...(api !== undefined && { api: read(api) }),
  };
  const secrets = secretsAsEnv === true || output === undefined ? 'environment' : 'inline';
  const conversion = convertFenixConfig(texts, { secrets });
  if (output === undefined) to.write(conversion.yaml);
  else {
    // Never over a file that is there: it may be the one that the server runs with.
    orSay(`${output} cannot be written; name a file that is not there yet`, () => {
      writeFileSync(output, conversion.yaml, { flag: 'wx', mode: 0o600 });
    });
  }
  to.complain(report(conversion, output === undefined ? [] : problemsOf(output, conversion)));
}

function read(path: string): FenixFileText {
  return { path, text: orSay(`${path} cannot be read`, () => readFileSync(path, 'utf8')) };
}

/** Does something with a file; says what was wanted where the system refuses it. */
function orSay<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what} (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
}

/** Would the server start with this file, on this machine, once the passwords are set? */
function problemsOf(file: string, { variables }: Conversion): readonly string[] {
  const placeholders: Readonly<Record<string, string>> = {
    FENIX_KEYSTONE_PASSWORD: 'set later',
    FENIX_NOTIFICATIONS_TRANSPORT_URL: 'rabbit://set:later@localhost/',
  };
  const env = Object.fromEntries(variables.map((variable) => [variable, placeholders[variable]]));
  try {
    loadConfig({ file, env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, says }) => `${where}: ${says}`);
  }
}

function report({ checks, overruled, leftOut, variables }: Conversion, problems: readonly string[]): string {
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['These variables must hold the passwords', variables],
    ['The server would not start yet', problems],
    ['Check before the start', checks],
    ['The two files disagree', overruled],
    ['Not carried over', leftOut],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}:\n${lines.map((line) => `  - ${line}\n`).join('')}`)
    .join('');
}
