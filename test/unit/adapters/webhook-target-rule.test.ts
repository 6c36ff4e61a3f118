import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { TargetRefused, TargetRule } from '../../../src/adapters/http-client/target-rule.ts';

/** What a rule lets a connection to `hostname` use, when the name service says `addresses`. */
function resolved(
  allowed: readonly string[],
  hostname: string,
  addresses: readonly string[],
  options: { all?: boolean; family?: 4 | 6 } = { all: true },
): unknown {
  const answer = addresses.map((address): LookupAddress => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  const rule = new TargetRule(allowed, (_name, callback) => callback(null, answer));
  let result: unknown;
  rule.lookup(hostname, options, (error, address) => {
    result = error ?? address;
  });
  return result;
}

describe('without an allow list, a target', () => {
  it.each([
    'http://127.0.0.1:12348/maintenance',
    'https://vnfm.example.org/x?y=z',
    'http://10.9.8.20/',
    'http://[2001:db8::1]:80/',
    'http://user:word@vnfm/',
  ])('is allowed: %s', (target) => {
    expect(new TargetRule().refusal(target)).toBeUndefined();
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', /not allowed/],
    ['http://169.254.0.1/', /not allowed/],
    ['http://2852039166/', /not allowed/],
    ['http://0xa9fea9fe/', /not allowed/],
    ['http://169.254.169.254./', /not allowed/],
    ['http://[fe80::1]/', /not allowed/],
    ['http://[febf::1]/', /not allowed/],
    ['http://[fd00:ec2::254]/', /not allowed/],
    ['http://[::ffff:169.254.169.254]/', /not allowed/],
    ['http://[64:ff9b::a9fe:a9fe]/', /not allowed/],
    ['ftp://vnfm/', /scheme/],
    ['log://', /scheme/],
    ['trust+http://vnfm/', /scheme/],
    ['file:///etc/passwd', /scheme/],
    ['vnfm:8080', /scheme|URL/],
    ['/maintenance', /not a URL/],
    ['', /not a URL/],
  ])('is refused: %s', (target, why) => {
    expect(new TargetRule().refusal(target)).toMatch(why);
  });

  it('may not have a name that resolves to a refused address only', () => {
    expect(resolved([], 'metadata.test', ['169.254.169.254', 'fe80::1'])).toBeInstanceOf(TargetRefused);
  });

  it('with several addresses is reached at those that are allowed', () => {
    const found = resolved([], 'vnfm.test', ['169.254.1.1', '10.0.0.1', 'fe80::1']);
    expect(found).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(resolved([], 'vnfm.test', ['10.0.0.1', '2001:db8::1'], { family: 6 })).toBe('2001:db8::1');
  });
});

describe('with an allow list, a target', () => {
  const list = ['*.apps.example.org', 'vnfm', '10.0.0.0/8', '2001:db8::5'];
  it.each([
    ['http://a.apps.example.org/', true],
    ['http://A.Apps.Example.ORG/', true],
    ['http://10.200.0.1/', true],
    ['http://[2001:db8::5]/', true],
    ['http://[2001:db8::6]/', false],
    ['http://192.168.0.1/', false],
    ['http://169.254.169.254/', false],
  ])('%s: %s', (target, allowed) => {
    expect(new TargetRule(list).refusal(target) === undefined).toBe(allowed);
  });

  it('of another name is allowed where its address is on the list', () => {
    expect(resolved(list, 'elsewhere.test', ['192.168.0.1', '10.1.1.1'])).toEqual([
      { address: '10.1.1.1', family: 4 },
    ]);
    expect(resolved(list, 'elsewhere.test', ['192.168.0.1'])).toBeInstanceOf(TargetRefused);
  });

  it('is refused at once when only names are listed', () => {
    expect(new TargetRule(['vnfm']).refusal('http://elsewhere.test/')).toMatch(/not allowed/);
  });

  it('does not reach refused addresses by a listed name', () => {
    expect(resolved(list, 'vnfm', ['169.254.169.254'])).toBeInstanceOf(TargetRefused);
  });

  it('must be made of names and networks', () => {
    expect(() => new TargetRule(['10.0.0.0/33'])).toThrow(RangeError);
    expect(() => new TargetRule(['name/8'])).toThrow(RangeError);
  });
});
