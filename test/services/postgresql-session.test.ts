import { expect, it } from 'vitest';
import { followSession, openSession } from '../../src/demo/follow-session.ts';
import { startStage } from '../../src/demo/stage.ts';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { freshSchemaUrl } from './fresh-schema.ts';

it('a whole session is done on PostgreSQL', async () => {
  const stage = await startStage({
    lab: doctorScenario(),
    logger: createLogger({ level: 'silent' }),
    server: { FENIX_DATABASE_URL: await freshSchemaUrl() },
  });
  try {
    const detail = await followSession(stage.admin, await openSession(stage.admin, 1), () => undefined);
    expect(detail.failure_reason).toBeNull();
    expect(detail.state).toBe('MAINTENANCE_DONE');
  } finally {
    await stage.stop();
  }
});
