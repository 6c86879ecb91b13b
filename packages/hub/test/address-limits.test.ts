/** Connections per address: counted, refused with a time, and forgotten. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AddressLimits, AddressMeter, networkOf, resolveAddressLimits } from '../src/address-limits.ts';
import { FakeClock } from './fake-clock.ts';

describe('connections per address', () => {
  it('are refused beyond the limit, with a time to come again, until one ends', () => {
    const { meter } = start({ maxConnectionsPerAddress: 2 });
    assert.deepEqual([meter.open('192.0.2.1'), meter.open('192.0.2.1')], [0, 0]);
    assert.ok(meter.open('192.0.2.1') > 0);
    assert.equal(meter.open('192.0.2.2'), 0);
    meter.close('192.0.2.1');
    assert.equal(meter.open('192.0.2.1'), 0);
  });

  it('are refused when they come too fast, even if they end at once', () => {
    const { clock, meter } = start({ connects: { perSecond: 10, burst: 3 } });
    for (let i = 0; i < 3; i++) {
      assert.equal(meter.open('192.0.2.1'), 0);
      meter.close('192.0.2.1');
    }
    assert.equal(meter.open('192.0.2.1'), 100);
    clock.advance(100);
    assert.equal(meter.open('192.0.2.1'), 0);
  });

  it('of one IPv6 network count together, however its addresses are written', () => {
    const { meter } = start({ maxConnectionsPerAddress: 3 });
    for (const address of ['2001:db8::1', '2001:DB8:0:0:dead::2', '2001:0db8:0000:0000:1:2:3:4%eth0']) {
      assert.equal(meter.open(address), 0);
    }
    assert.ok(meter.open('2001:db8::ffff') > 0);
    assert.equal(meter.open('2001:db8:0:1::1'), 0);
  });

  it('do not keep an address that has none and has not come for long', () => {
    const { clock, meter } = start();
    for (let i = 0; i < 100; i++) {
      meter.open(`192.0.2.${i}`);
      meter.close(`192.0.2.${i}`);
    }
    clock.advance(60_000);
    for (let i = 0; i < 100; i++) meter.open(`198.51.100.${i}`);
    assert.equal(meter.size, 100);
  });

  it('keep count of no more addresses than the limit, and go on letting new ones in', () => {
    const { meter } = start({ maxAddresses: 50 });
    for (let i = 0; i < 1000; i++) {
      assert.equal(meter.open(`10.0.${i >> 8}.${i & 255}`), 0);
      meter.close(`10.0.${i >> 8}.${i & 255}`);
      assert.ok(meter.size <= 50);
    }
  });

  it('refuse a new address when as many as the limit have connections', () => {
    const { meter } = start({ maxAddresses: 50 });
    for (let i = 0; i < 50; i++) meter.open(`10.0.0.${i}`);
    assert.ok(meter.open('10.0.0.50') > 0);
    assert.equal(meter.open('10.0.0.1'), 0);
    meter.close('10.0.0.7');
    for (let i = 0; i < 50; i++) meter.open('10.0.0.50');
    assert.equal(meter.open('10.0.0.50'), 0);
  });

  it('are refused without a word once as many were refused as are let in at once', () => {
    const { clock, meter } = start({ connects: { perSecond: 10, burst: 3 } });
    for (let i = 0; i < 3; i++) meter.open('192.0.2.1');
    for (let i = 0; i < 3; i++) assert.equal(meter.open('192.0.2.1'), 100);
    for (let i = 0; i < 100; i++) assert.equal(meter.open('192.0.2.1'), Infinity);
    assert.equal(meter.open('192.0.2.2'), 0);
    clock.advance(100);
    assert.deepEqual([meter.open('192.0.2.1'), meter.open('192.0.2.1')], [0, 100]);
  });

  it('refuse limits that let nobody in', () => {
    assert.throws(() => resolveAddressLimits({ maxConnectionsPerAddress: 0 }), /RangeError/);
    assert.throws(() => resolveAddressLimits({ connects: { perSecond: 0, burst: 1 } }), /RangeError/);
  });
});

describe('networkOf', () => {
  const cases: readonly (readonly [address: string, network: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1::', '2001:db8:1:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['__proto__', '__proto__'],
    ['', ''],
  ];
  for (const [address, network] of cases) {
    it(`of ${JSON.stringify(address)} is ${network}`, () => assert.equal(networkOf(address), network));
  }

  it('of whatever text is a short one', () => {
    const text = fc.string({ unit: fc.constantFrom(':', '0', 'f', '.', '%', 'é', '/') });
    fc.assert(fc.property(text, (address) => assert.ok(networkOf(address).length <= 80)));
  });

  it('is short, however long the text', () => assert.ok(networkOf(':'.repeat(1e6)).length < 200));
});

function start(limits: Partial<AddressLimits> = {}) {
  const clock = new FakeClock();
  return { clock, meter: new AddressMeter(resolveAddressLimits(limits), clock) };
}
