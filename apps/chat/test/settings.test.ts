import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loopback, readSettings, SettingsError } from '../server/settings.ts';
import { explainStartupError } from '../server/startup-error.ts';

describe('settings', () => {
  it('are this machine and port 8080 when nothing is said', () => {
    assert.deepEqual(readSettings({}), { port: 8080, hosts: loopback, shownHost: 'localhost' });
    assert.deepEqual(readSettings({ PORT: '', HOST: '' }), readSettings({}));
    assert.deepEqual(readSettings({ HOST: 'localhost' }), readSettings({}));
  });

  it('take a port and a host', () => {
    assert.deepEqual(readSettings({ PORT: '0', HOST: '192.0.2.1' }), {
      port: 0,
      hosts: ['192.0.2.1'],
      shownHost: '192.0.2.1',
    });
    assert.equal(readSettings({ PORT: '65535' }).port, 65_535);
  });

  it('show a host that can be opened', () => {
    assert.equal(readSettings({ HOST: '0.0.0.0' }).shownHost, 'localhost');
    assert.equal(readSettings({ HOST: '::' }).shownHost, 'localhost');
    assert.equal(readSettings({ HOST: '2001:db8::1' }).shownHost, '[2001:db8::1]');
  });

  for (const port of ['abc', '-1', '65536', '8080.5', '1e3', '0x50', '8080 8081']) {
    it(`refuse PORT=${port} and name the way out`, () => {
      assert.throws(
        () => readSettings({ PORT: port }),
        (error) => {
          assert.ok(error instanceof SettingsError);
          return (
            error.message.includes(`received "${port}"`) && error.message.includes('PORT=8081 npm start')
          );
        },
      );
    });
  }
});

describe('a failure to start', () => {
  it('names another port when one is taken', () => {
    assert.equal(explain('EADDRINUSE', {}), 'Port 8080 is taken. Choose another: PORT=8081 npm start');
    assert.match(explain('EADDRINUSE', { PORT: ' ' }), /^Port 8080 is taken.* PORT=8081 npm start$/);
    assert.match(explain('EADDRINUSE', { PORT: '65535' }), /^Port 65535 is taken.* PORT=8080 npm start$/);
  });

  it('says what is wrong with a port, a host or a missing build', () => {
    assert.match(explain('EACCES', { PORT: '80' }), /^Port 80 .*PORT=8080 npm start$/);
    assert.match(explain('ENOTFOUND', { HOST: 'nowhere' }), /^HOST nowhere .*HOST=0\.0\.0\.0 npm start$/);
    assert.match(explain('ENOENT', {}), /npm run build$/);
  });

  it('keeps the stack of what nobody foresaw', () => {
    const error = new Error('surprise');
    assert.equal(explainStartupError(error, {}), error.stack);
  });
});

function explain(code: string, environment: Readonly<Record<string, string>>): string {
  return explainStartupError(Object.assign(new Error(code), { code }), environment);
}
