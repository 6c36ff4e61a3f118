import { parseArgs } from 'node:util';
import { startLab } from './lab.ts';
import { readLabConfig } from './lab-config.ts';

const usage = 'usage: tsx src/lab/main.ts --config FILE.yaml [--host 127.0.0.1] [--port 0]';

/** Runs a lab until SIGTERM or SIGINT; prints its addresses as one line of JSON when it is ready. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
    },
  });
  if (values.config === undefined) throw new Error(`no configuration is given\n${usage}`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port ${values.port} is no port\n${usage}`);
  const lab = await startLab({ config: await readLabConfig(values.config), host: values.host, port });
  const { url, authUrl, computeUrl, region } = lab;
  process.stdout.write(
    `${JSON.stringify({ url, auth_url: authUrl, compute_url: computeUrl, control_url: `${url}/lab`, region })}\n`,
  );
  const stop = (): void => {
    lab.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
