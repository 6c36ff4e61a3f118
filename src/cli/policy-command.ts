/** `fenix-server policy`: shows the rules in force, and tells why a token may or may not do something. */
import { Command } from 'commander';
import { pino } from 'pino';
import { SystemClock } from '../adapters/system/clock.ts';
import { openStackOf } from '../composition/openstack.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { IdentityUnavailable, TokenRejected } from '../engine/ports.ts';
import { credentialsOf, type Credentials } from '../policy/credentials.ts';
import { printTrace } from '../policy/evaluate.ts';
import { loadPolicy } from '../policy/policy-file.ts';
import { printPolicy } from '../policy/print-policy.ts';
import { Misuse } from './misuse.ts';
import { readCredentials, readTarget, ruleNamed } from './policy-arguments.ts';
import { ofThisProcess, type CommandSurroundings } from './surroundings.ts';

interface CheckOptions {
  readonly config?: string;
  readonly token?: string;
  readonly credentials?: string;
  readonly target?: string;
}

/** Exit statuses: 0 allowed (or shown), 1 refused, 2 the question makes no sense or could not be answered. */
const status = { allowed: 0, refused: 1, misuse: 2 } as const;

/** Where a token is taken from when none is given: the command line is seen by everybody on the machine. */
const tokenVariable = 'FENIX_TOKEN';

/** The command `policy` with `show` and `check`, to be added to the program. */
export function policyCommand(around: CommandSurroundings = ofThisProcess()): Command {
  const command = new Command('policy')
    .description('the rights of callers (docs/policy.md)')
    .configureOutput({ writeOut: around.write, writeErr: around.complain })
    .exitOverride((error) => {
      around.exit(error.exitCode === 0 ? status.allowed : status.misuse);
      throw error;
    });
  const configOption = ['-c, --config <file>', 'YAML file of options; its policy.file is read'] as const;
  command
    .command('show')
    .description('print the rules in force as a policy file')
    .option(...configOption)
    .action(({ config }: { readonly config?: string }) =>
      orMisuse(around, () => {
        around.write(`${printPolicy(loadPolicy(configOf(config, around).policy.file))}\n`);
        return status.allowed;
      }),
    );
  command
    .command('check')
    .description('tell whether a token may do what a rule guards, and why')
    .argument('<rule>', 'name of the rule: fenix:maintenance:post')
    .option(...configOption)
    .option('--token <token>', `token of the caller; - reads it from standard input, else ${tokenVariable}`)
    .option('--credentials <json>', 'what a token would say: {"roles": ["member"], "project_id": "..."}')
    .option('--target <json>', 'what it is to be done with: {"project_id": "..."}')
    .action((rule: string, options: CheckOptions) => orMisuse(around, () => check(rule, options, around)));
  return command;
}

async function check(name: string, options: CheckOptions, around: CommandSurroundings): Promise<number> {
  const config = configOf(options.config, around);
  const policy = loadPolicy(config.policy.file);
  const rule = ruleNamed(name, policy);
  const target = readTarget(options.target, rule);
  const credentials = await credentialsOfCaller(options, config, around);
  const { outcome, trace, explanation } = policy.check(rule.name, credentials, target);
  const lines = [outcome === true ? 'allowed' : 'refused', ...printTrace(trace)];
  if (outcome !== true) lines.push(explanation);
  around.write(`${lines.join('\n')}\n`);
  return outcome === true ? status.allowed : status.refused;
}

async function credentialsOfCaller(
  { token: given, credentials }: CheckOptions,
  config: Config,
  around: CommandSurroundings,
): Promise<Credentials> {
  if (credentials !== undefined) {
    if (given !== undefined) throw new Misuse('give --token or --credentials, not both');
    return readCredentials(credentials);
  }
  const token = given === '-' ? (await around.readInput()).trim() : (given ?? around.env[tokenVariable]);
  if (token === undefined || token === '') {
    throw new Misuse(`say who asks: --token, --credentials, or a token in ${tokenVariable}`);
  }
  const logger = pino({ level: 'silent' });
  const openStack = openStackOf(config, new SystemClock(), logger);
  if (openStack === undefined) {
    throw new Misuse('a token needs a Keystone: set keystone.auth_url and the service user');
  }
  try {
    return credentialsOf(await openStack.tokens.validate(token));
  } catch (error) {
    if (error instanceof TokenRejected || error instanceof IdentityUnavailable) {
      throw new Misuse(error.message, { cause: error });
    }
    throw error;
  } finally {
    await openStack.close();
  }
}

function configOf(file: string | undefined, { env }: CommandSurroundings): Config {
  const { [tokenVariable]: _token, ...options } = env;
  return loadConfig({ env: options, ...(file !== undefined && { file }) });
}

/** Runs `work` and exits with its status; what is wrong with the question or the configuration is told, with 2. */
async function orMisuse(around: CommandSurroundings, work: () => number | Promise<number>): Promise<void> {
  let result: number = status.misuse;
  try {
    result = await work();
  } catch (error) {
    around.complain(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  around.exit(result);
}
