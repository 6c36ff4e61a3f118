import { v1, v4 } from 'uuid';
import type { Ids } from '../../engine/ports.ts';

/** Ids from the machine's clock and randomness. */
export const systemIds: Ids = { sessionId: () => v1(), commandId: () => v4() };
