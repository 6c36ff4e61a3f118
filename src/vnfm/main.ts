/** The sample application manager as a program: `--help` tells its options. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { credentialsFromEnvironment, explain, instanceActions, questionStates } from '../sdk/index.ts';
import type { VnfmOptions } from './vnfm-options.ts';
import { startVnfm } from './vnfm.ts';

const help = `Manages the instances of one project through maintenance sessions, as OPNFV Doctor's sample does.

Credentials come from the environment, as an openrc file sets it: OS_AUTH_URL, OS_USERNAME,
OS_PASSWORD, OS_PROJECT_NAME, OS_USER_DOMAIN_NAME, OS_PROJECT_DOMAIN_NAME, OS_REGION_NAME, OS_INTERFACE.

  --host HOST             where to listen for alarms (127.0.0.1)
  --port PORT             ... and at which port (12348; 0 for any free one)
  --alarm-url URL         under which URL alarms reach it, if not at that address
  --alarm-name NAME       name of its alarm (vnfm-maintenance)
  --ha-prefix PREFIX      servers of the active-standby pair (doctor_ha_app_)
  --nonha-prefix PREFIX   servers that are not redundant (doctor_nonha_app_)
  --scale-in-by COUNT     how many instances go at each SCALE_IN (2)
  --action ACTION         preferred action: ${instanceActions.join(', ')} (MIGRATE)
  --create-before-delete  OWN_ACTION boots the new instance first; needs room for both
  --trusted-origin ORIGIN https://host:port that may get the token too; can be repeated
  --refuse STATE          for tests: answers this state with NACK
  --silent STATE          for tests: does not answer this state
  --delay SECONDS         for tests: waits before each reply
  --log FILE              where the log of JSON lines goes (standard output)
`;

function readOptions(): (VnfmOptions & { readonly logFile?: string }) | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      host: text,
      port: { ...text, default: '12348' },
      'alarm-url': text,
      'alarm-name': text,
      'ha-prefix': text,
      'nonha-prefix': text,
      'scale-in-by': text,
      action: text,
      'create-before-delete': { type: 'boolean' },
      'trusted-origin': { ...text, multiple: true },
      refuse: text,
      silent: text,
      delay: text,
      log: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  return withoutUndefined({
    credentials: credentialsFromEnvironment(),
    host: values.host,
    port: number('port', values.port),
    alarmUrl: values['alarm-url'],
    alarmName: values['alarm-name'],
    haPrefix: values['ha-prefix'],
    nonHaPrefix: values['nonha-prefix'],
    scaleInBy: number('scale-in-by', values['scale-in-by']),
    action: oneOf('action', instanceActions, values.action),
    createBeforeDelete: values['create-before-delete'],
    trustedOrigins: values['trusted-origin'],
    refuse: oneOf('refuse', questionStates, values.refuse),
    silent: oneOf('silent', questionStates, values.silent),
    delaySeconds: number('delay', values.delay),
    logFile: values.log,
  });
}

function number(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const result = Number(value);
  if (value.trim() === '' || !(result >= 0)) throw new Error(`--${name} ${value}: a number is expected`);
  return result;
}

function oneOf<T extends string>(
  name: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`--${name} ${value}: known are ${known.join(', ')}`);
  return found;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  const log =
    options.logFile === undefined ? process.stdout : createWriteStream(options.logFile, { flags: 'a' });
  // Asked to stop while it starts, it finishes starting, so that nothing is left behind.
  const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const vnfm = await startVnfm({ ...options, onEvent: (event) => log.write(`${JSON.stringify(event)}\n`) });
  await asked;
  await vnfm.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`vnfm: ${explain(error)}\n`);
  process.exitCode = 1;
});
