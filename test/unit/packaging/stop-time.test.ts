import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load-config.ts';
import { checkout } from '../../packaging/image-file.ts';

const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
// After the requests had their time: action plug-ins are ended (6 s at most), sessions left, the database closed.
const needed = loadConfig({ env: {} }).server.shutdownGraceSeconds + 12;

test('systemd gives the server more time to stop than it takes', () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(read('packaging/systemd/fenix.service')) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(needed);
});

test('so does Docker Compose', () => {
  const { services } = parse(read('compose.yaml')) as {
    services: { fenix: { stop_grace_period: string } };
  };
  expect(Number(services.fenix.stop_grace_period.replace(/s$/, ''))).toBeGreaterThanOrEqual(needed);
});
