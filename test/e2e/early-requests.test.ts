import { expect, it } from 'vitest';
import { prepareServer, runProgram } from '../support/stage-process.ts';

/** Asks again and again until a connection is accepted: that request must be answered. */
async function firstAnswer(url: string): Promise<number> {
  for (;;) {
    try {
      return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      if (cause?.code !== 'ECONNREFUSED') throw error;
    }
  }
}

it('a request that comes while the server starts is answered when it is ready', async ({
  onTestFinished,
}) => {
  const prepared = await prepareServer(onTestFinished);
  const server = runProgram(onTestFinished, 'src/main.ts', [], prepared.variables);
  expect(await firstAnswer(`${prepared.url}/healthcheck`)).toBe(200);
  expect(server.lines.some((line) => line.includes('the server is ready'))).toBe(true);
});
