/** The sample inspector as a program: `--help` tells its options. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { credentialsFromEnvironment, explain } from '../sdk/index.ts';
import { startInspector } from './inspector.ts';

const help = `Keeps the list of hosts whose faults are to be ignored, because they are being maintained.
GET /hosts answers it; what happens is written to standard output as JSON lines.

Credentials of the admin's project come from the environment, as an openrc file sets it: OS_AUTH_URL, OS_USERNAME,
OS_PASSWORD, OS_PROJECT_NAME, OS_USER_DOMAIN_NAME, OS_PROJECT_DOMAIN_NAME, OS_REGION_NAME, OS_INTERFACE.

  --host HOST        where to listen (127.0.0.1)
  --port PORT        ... and at which port (12345; 0 for any free one)
  --alarm-url URL    under which URL alarms reach it, if not at that address
  --alarm-name NAME  name of its alarm (inspector-maintenance)
`;

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      host: text,
      port: { ...text, default: '12345' },
      'alarm-url': text,
      'alarm-name': text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  // Asked to stop while it starts, it finishes starting, so that nothing is left behind.
  const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const inspector = await startInspector({
    credentials: credentialsFromEnvironment(),
    ...(values.host !== undefined && { host: values.host }),
    port: Number(values.port),
    ...(values['alarm-url'] !== undefined && { alarmUrl: values['alarm-url'] }),
    ...(values['alarm-name'] !== undefined && { alarmName: values['alarm-name'] }),
    onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  });
  await asked;
  await inspector.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`inspector: ${explain(error)}\n`);
  process.exitCode = 1;
});
