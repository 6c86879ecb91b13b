import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { People } from '../server/people.ts';

describe('People', () => {
  it('counts somebody with two tabs once, until both are closed', () => {
    const people = new People();
    assert.equal(people.enter({ id: 'p1', name: 'Ana' }), 'came');
    assert.equal(people.enter({ id: 'p1', name: 'Ana' }), 'unchanged');
    assert.equal(people.count, 1);
    assert.equal(people.leave('p1'), false);
    assert.equal(people.leave('p1'), true);
    assert.equal(people.count, 0);
  });

  it('knows somebody by the name given last', () => {
    const people = new People();
    people.enter({ id: 'p1', name: 'Ana' });
    assert.equal(people.enter({ id: 'p1', name: 'Anna' }), 'renamed');
    assert.deepEqual(people.list(), [{ id: 'p1', name: 'Anna' }]);
  });

  it('keeps a name for whoever has it, as it looks and not as it is written', () => {
    const people = new People();
    people.enter({ id: 'p1', name: 'Ana' });
    assert.equal(people.isTaken('ANA', 'p2'), true);
    assert.equal(people.isTaken('ANA', 'p1'), false);
    assert.equal(people.isTaken('Bo', 'p2'), false);
  });

  it('frees a name when it is changed and when its owner leaves', () => {
    const people = new People();
    people.enter({ id: 'p1', name: 'Ana' });
    people.rename({ id: 'p1', name: 'Bo' });
    assert.equal(people.isTaken('Ana', 'p2'), false);
    people.leave('p1');
    assert.equal(people.isTaken('Bo', 'p2'), false);
  });

  it('lets somebody change only how the name is written', () => {
    const people = new People();
    people.enter({ id: 'p1', name: 'ana' });
    assert.equal(people.rename({ id: 'p1', name: 'Ana' }), true);
    assert.equal(people.isTaken('ana', 'p2'), true);
  });

  it('takes no harm from names and ids that objects have of their own', () => {
    const people = new People();
    for (const id of ['__proto__', 'constructor', 'toString']) people.enter({ id, name: id });
    assert.equal(people.count, 3);
    assert.equal(people.isTaken('hasOwnProperty', 'p1'), false);
  });

  it('ignores who is not here', () => {
    const people = new People();
    assert.equal(people.leave('p1'), false);
    assert.equal(people.rename({ id: 'p1', name: 'Ana' }), false);
  });
});
