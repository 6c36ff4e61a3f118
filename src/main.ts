/** The server as a program. Stops in order on SIGTERM and SIGINT. */
import { Command } from 'commander';
import { loadConfig } from './config/load-config.ts';
import { startServer } from './server.ts';
import { createLogger } from './telemetry/logger.ts';

const program = new Command('fenix-server')
  .description(
    'planned maintenance of an OpenStack cloud; options are read from a file and from FENIX_... variables',
  )
  .option('-c, --config <file>', 'YAML file of options (docs/configuration.md)');

const { config: file } = program.parse().opts<{ config?: string }>();

try {
  const config = loadConfig({ env: process.env, ...(file !== undefined && { file }) });
  const logger = createLogger(config.logging);
  const server = await startServer(config, logger);
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'stopping');
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  // What stops the start is for the person who started it: what, where, what to do. A fault of ours shows its place too.
  const isOurs = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  const { message, stack } = error as Error;
  process.stderr.write(`${isOurs ? String(stack) : message}\n`);
  process.exit(1);
}
