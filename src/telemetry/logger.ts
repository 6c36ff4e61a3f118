import { pino, stdTimeFunctions, type DestinationStream, type Level, type Logger } from 'pino';
import { redactLine } from './redact.ts';

/**
 * A logger that writes JSON lines, to standard output or to `destination`. Give the lines of a session and of a request
 * their id by a child: `logger.child({ session_id })`, `logger.child({ request_id })`; an error goes under `err`.
 *
 * Secrets are taken out of the finished line, so that nothing goes around it: fields at any depth, bindings of a child,
 * the message, an error with its causes. pino's own `redact` needs the path of each secret and does not see messages.
 */
export function createLogger(
  { level }: { readonly level: Level | 'silent' },
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactLine },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
