import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notifier } from '../../../src/engine/ports.ts';
import { sampleNotification } from '../../support/sample-alarm.ts';

/** A notifier whose other side a test can watch and take away. The sample notification's project listens. */
export interface NotifierBench {
  readonly notifier: Pick<Notifier, 'notify' | 'close'> & Partial<Notifier>;
  /** `message_id` of what arrived, in order. */
  received(): readonly string[];
  /** Takes the other side away, and brings it back. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Ends everything, the notifier too; brings back what is away for the next bench. */
  close(): Promise<void>;
}

/** What the engine relies on, whoever carries its notifications. */
export function describeNotifier(name: string, open: () => Promise<NotifierBench>, timeoutSeconds = 5): void {
  const timeout = timeoutSeconds * 1000;
  const never = new AbortController().signal;
  const ids = Array.from(
    { length: 20 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );

  describe(`${name} as a notifier`, () => {
    let bench: NotifierBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());

    it('delivers in the order of the calls', async () => {
      await Promise.all(
        ids.map((messageId) => bench.notifier.notify(sampleNotification({ messageId }), never)),
      );
      await vi.waitFor(() => expect(bench.received()).toEqual(ids), { timeout });
    });

    it('loses nothing while the other side is away, and keeps the order', async () => {
      await bench.notifier.notify(sampleNotification({ messageId: ids[0]! }), never);
      await vi.waitFor(() => expect(bench.received()).toEqual(ids.slice(0, 1)), { timeout });
      await bench.goAway();
      const rest = ids
        .slice(1)
        .map((messageId) => bench.notifier.notify(sampleNotification({ messageId }), never));
      await bench.comeBack();
      await Promise.all(rest);
      await vi.waitFor(() => expect(new Set(bench.received())).toEqual(new Set(ids)), { timeout });
      // At least once: a repeat may follow, but nothing overtakes.
      const firstArrivals = bench.received().filter((id, index, all) => all.indexOf(id) === index);
      expect(firstArrivals).toEqual(ids);
    });

    it('takes nothing from a caller that has given up already', async () => {
      const given = AbortSignal.abort(new Error('given up'));
      await expect(bench.notifier.notify(sampleNotification(), given)).rejects.toThrow('given up');
      await bench.notifier.notify(sampleNotification({ messageId: ids[0]! }), never);
      await vi.waitFor(() => expect(bench.received()).toEqual(ids.slice(0, 1)), { timeout });
    });

    it('can be closed while the other side is away', async () => {
      await bench.goAway();
      const handedOver = bench.notifier.notify(sampleNotification(), never).catch(() => undefined);
      await bench.notifier.close();
      await handedOver;
    });
  });
}
