import { describe, expect, it } from 'vitest';
import { parseTransportUrl, TransportUrlInvalid } from '../../../src/adapters/rabbitmq/transport-url.ts';

describe('a transport URL', () => {
  it.each([
    [
      'rabbit://user:word@h1:5672,other:key@h2:5673/cloud',
      {
        hosts: [
          { hostname: 'h1', port: 5672, username: 'user', password: 'word' },
          { hostname: 'h2', port: 5673, username: 'other', password: 'key' },
        ],
        virtualHost: 'cloud',
        tls: false,
      },
    ],
    [
      'rabbit://us%40er:w%2Fo%3Ar%25d@[fd00::1]:5671/%2Fnova?ssl=True&ssl_ca_file=/etc/ca.pem',
      {
        hosts: [{ hostname: 'fd00::1', port: 5671, username: 'us@er', password: 'w/o:r%d' }],
        virtualHost: '/nova',
        tls: true,
        caFile: '/etc/ca.pem',
      },
    ],
    [
      'rabbit+ssl://user:w:ord@h1,h2/',
      {
        hosts: [
          { hostname: 'h1', username: 'user', password: 'w:ord' },
          { hostname: 'h2', username: 'user', password: 'w:ord' },
        ],
        virtualHost: '/',
        tls: true,
      },
    ],
    [
      'rabbit://h1',
      { hosts: [{ hostname: 'h1', username: 'guest', password: 'guest' }], virtualHost: '/', tls: false },
    ],
  ])('is taken apart: %s', (text, expected) => {
    expect(parseTransportUrl(text)).toEqual(expected);
  });

  it.each([
    ['', /must look like/],
    ['kafka://h1:9092/', /kafka/],
    ['rabbit://', /no host/],
    ['rabbit://user:secret@h1:99999/', /no valid port/],
    ['rabbit://user:secret@h1:h2:1/', /host:port/],
    ['rabbit://user:secr%et@h1/', /password.*percent/],
  ])('is refused without showing its passwords: %s', (text, why) => {
    expect(() => parseTransportUrl(text)).toThrow(TransportUrlInvalid);
    expect(() => parseTransportUrl(text)).toThrow(why);
    try {
      parseTransportUrl(text);
    } catch (error) {
      expect((error as Error).message).not.toContain('secr');
    }
  });
});
