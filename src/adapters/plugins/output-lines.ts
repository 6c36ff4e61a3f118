/** Longer lines are cut. Characters. */
const longestLine = 2_000;
/** What is reported of one run at most, before the last lines: a program that babbles must not fill the journal. */
const mostLines = 2_000;
const mostCharacters = 500_000;
/** How many of the lines that were left out are reported all the same: the end tells most. */
const lastLines = 20;
/** Lines that come close together are reported together. */
const batchMilliseconds = 200;

/** Makes lines of what a program writes, and reports them in batches, one after the other. */
export class OutputLines {
  readonly #report: (lines: readonly string[]) => Promise<void>;
  readonly #newest: string[] = [];
  readonly #rests: (() => void)[] = [];
  #waiting: string[] = [];
  #lines = 0;
  #characters = 0;
  #leftOut = 0;
  #reporting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (lines: readonly string[]) => Promise<void>) {
    this.#report = report;
  }

  /** For one output: takes text as it comes, in any pieces. A carriage return alone ends a line, too (progress bars). */
  source(): (text: string) => void {
    let rest = '';
    this.#rests.push(() => {
      if (rest !== '') this.#add(rest.replace(/\r$/, ''));
      rest = '';
    });
    return (text) => {
      // A carriage return at the very end may be half of a line break.
      const pieces = (rest + text).split(/\r?\n|\r(?!$)/);
      const last = pieces.pop() ?? '';
      rest = last.length > longestLine ? last.slice(0, longestLine + 1) : last;
      for (const line of pieces) this.#add(line);
    };
  }

  /** The last lines, oldest first, `lastLines` at most. */
  newest(count: number): readonly string[] {
    return this.#newest.slice(-count);
  }

  /** Reports what is left; returns when all is reported. */
  async finish(): Promise<void> {
    for (const end of this.#rests) end();
    const shown = Math.min(this.#leftOut, lastLines);
    if (this.#leftOut > shown) this.#waiting.push(`[${this.#leftOut - shown} lines are left out here]`);
    if (shown > 0) this.#waiting.push(...this.newest(shown));
    this.#flush();
    await this.#reporting;
  }

  #add(line: string): void {
    const text = readable(line);
    this.#newest.push(text);
    if (this.#newest.length > lastLines) this.#newest.shift();
    if (this.#leftOut > 0 || this.#lines >= mostLines || this.#characters + text.length > mostCharacters) {
      this.#leftOut += 1;
      return;
    }
    this.#lines += 1;
    this.#characters += text.length;
    this.#waiting.push(text);
    this.#timer ??= setTimeout(() => this.#flush(), batchMilliseconds);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    // A report that fails is the journal's trouble: the program's end is told all the same.
    this.#reporting = this.#reporting.then(() => this.#report(lines)).catch(() => undefined);
  }
}

/** Cut to a length that can be kept, between characters, and without U+0000, which PostgreSQL keeps in no text. */
function readable(line: string): string {
  const plain = line.replaceAll('\u0000', '\uFFFD');
  return plain.length > longestLine
    ? `${plain.slice(0, longestLine).replace(/[\uD800-\uDBFF]$/, '')} [cut]`
    : plain;
}
