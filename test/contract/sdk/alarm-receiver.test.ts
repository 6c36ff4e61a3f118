import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForAlarms, type AlarmListener, type Notification } from '../../../src/sdk/index.ts';
import { alarmBody } from './stub-maintenance-server.ts';

describe('listenForAlarms', () => {
  let listener: AlarmListener;
  let release: () => void;
  const events: string[] = [];
  const post = async (body: unknown, method = 'POST', url = listener.url) => {
    const init =
      method === 'GET'
        ? { method }
        : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(url, init);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  const host = (name: string) =>
    alarmBody(
      { messageId: name, eventType: 'maintenance.host', state: 'IN_MAINTENANCE', traits: { host: name } },
      'project',
    );

  beforeEach(async () => {
    events.length = 0;
    const gate = new Promise<void>((resolve) => (release = resolve));
    listener = await listenForAlarms({
      async onNotification({ messageId }: Notification) {
        events.push(`begins ${messageId}`);
        await gate;
        if (messageId === 'bad') throw new Error('no good');
        events.push(`ends ${messageId}`);
      },
      onRepeat: ({ messageId }) => events.push(`repeats ${messageId}`),
      onError: (error) => events.push(String(error)),
    });
  });
  afterEach(async () => {
    release();
    await listener.close();
  });

  it('answers at once, and acts on one after the other in the order of their coming', async () => {
    expect(await post(host('a'))).toBe('200 OK');
    expect(await post(host('b'))).toBe('200 OK');
    expect(events).toEqual(['begins a']);
    release();
    await vi.waitFor(() => expect(events).toEqual(['begins a', 'ends a', 'begins b', 'ends b']));
  });

  it('acts once on a notification that comes twice', async () => {
    release();
    await post(host('a'));
    await post(host('a'));
    await vi.waitFor(() => expect(events).toEqual(['begins a', 'ends a', 'repeats a']));
  });

  it('goes on after a failure', async () => {
    release();
    await post(host('bad'));
    await post(host('b'));
    await vi.waitFor(() => expect(events).toEqual(['begins bad', 'Error: no good', 'begins b', 'ends b']));
  });

  it('finishes what it began before it is closed', async () => {
    await post(host('a'));
    const closing = listener.close();
    release();
    await closing;
    expect(events).toEqual(['begins a', 'ends a']);
  });

  it('refuses what is no alarm, with the reason', async () => {
    expect(await post('{')).toBe('400 the body is not JSON');
    expect(await post('x'.repeat(1_000_001))).toBe('413 the body is larger than 1 MB');
    expect(await post('', 'GET')).toBe('405 only POST is known here');
    expect(await post(host('a'), 'POST', listener.url.replace('/maintenance', '/other'))).toBe(
      '404 only /maintenance is known here',
    );
    expect(events).toEqual(['AlarmParseError: the body is not JSON']);
  });
});
