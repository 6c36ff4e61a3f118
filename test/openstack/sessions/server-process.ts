/** The server as an operator runs it: a process of its own, told everything by its environment. */
import { saysReady, startProgram } from '../../support/stage-process.ts';

/** One line of the server's log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly msg: string;
  readonly session_id?: string;
  readonly state?: string;
  readonly command?: { readonly kind: string; readonly state?: string } & Readonly<Record<string, unknown>>;
  readonly command_id?: string;
  readonly event?: { readonly type: string; readonly state?: string } & Readonly<Record<string, unknown>>;
}

export interface ServerProcess {
  readonly log: readonly LogLine[];
  stop(): Promise<void>;
}

/** Starts `src/main.ts` and waits until it is ready. @throws Error with its output when it ends before that */
export async function startServerProcess(
  variables: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const program = startProgram('src/main.ts', [], variables);
  await program.line(saysReady);
  return {
    get log() {
      return program.lines.map(toLogLine);
    },
    stop: () => program.stop(),
  };
}

function toLogLine(line: string): LogLine {
  const parsed = JSON.parse(line) as Omit<LogLine, 'time'> & { time: string };
  return { ...parsed, time: Date.parse(parsed.time) };
}
