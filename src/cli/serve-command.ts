import { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { startServer } from '../server.ts';
import { createLogger } from '../telemetry/logger.ts';

/** Runs the server until SIGTERM or SIGINT; then it stops in order. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server; options are read from a file and from FENIX_... variables')
    .option('-c, --config <file>', 'YAML file of options (docs/configuration.md)')
    .action(serve);
}

async function serve({ config: file }: { readonly config?: string }): Promise<void> {
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
}
