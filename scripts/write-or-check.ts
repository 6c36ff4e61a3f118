import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes a generated file; with `--check` on the command line compares instead, and exits 1 when it is out of date. */
export function writeOrCheck(path: string, content: string): void {
  if (!process.argv.includes('--check')) {
    writeFileSync(path, content);
    return;
  }
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  process.stderr.write(`${path} is out of date: run npm run generate, and commit what it changes\n`);
  process.exitCode = 1;
}
