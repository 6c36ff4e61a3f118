/** What a command has of the process that it runs in. */
export interface CommandSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** All of standard input, as text. */
  readonly readInput: () => Promise<string>;
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Sets the status with which the process ends once all was written: an exit at once would cut a long answer off in a pipe. */
  readonly exit: (status: number) => void;
}

export function ofThisProcess(): CommandSurroundings {
  return {
    env: process.env,
    async readInput() {
      let text = '';
      for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
      return text;
    },
    write: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    exit: (status) => void (process.exitCode = status),
  };
}
