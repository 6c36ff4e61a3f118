/** The server as a program: `fenix-server [--config FILE]`. Stops on SIGTERM and SIGINT. */
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from './config/load-config.ts';
import { startServer } from './server.ts';
import { createLogger } from './telemetry/logger.ts';

const { values } = parseArgs({ options: { config: { type: 'string', short: 'c' } } });

try {
  const config = loadConfig({
    env: process.env,
    ...(values.config !== undefined && { file: values.config }),
  });
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
  // What stops the start is for the person who started it; only a fault of ours shows a stack.
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
}
