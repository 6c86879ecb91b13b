import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countLabel, dayLabel, initialsOf, timeLabel, toneOf } from '../web/labels.ts';

const now = new Date(2026, 2, 10, 9).getTime();

describe('labels', () => {
  it('name a day as people do', () => {
    assert.equal(dayLabel(new Date(2026, 2, 10, 0, 1).getTime(), now), 'Today');
    assert.equal(dayLabel(new Date(2026, 2, 9, 23, 59).getTime(), now), 'Yesterday');
    assert.match(dayLabel(new Date(2026, 2, 8).getTime(), now), /^Sunday,? 8 March$/);
    assert.match(dayLabel(new Date(2025, 11, 31).getTime(), now), /^Wednesday,? 31 December 2025$/);
  });

  it('know yesterday on the first day of a month', () => {
    const first = new Date(2026, 2, 1, 9).getTime();
    assert.equal(dayLabel(new Date(2026, 1, 28, 12).getTime(), first), 'Yesterday');
  });

  it('show hours and minutes', () => {
    assert.match(timeLabel(new Date(2026, 2, 10, 9, 5).getTime()), /9:05/);
  });

  it('count one thing and many', () => {
    assert.equal(countLabel(1, 'person', 'people'), '1 person');
    assert.equal(countLabel(0, 'person', 'people'), '0 people');
  });

  const initials: readonly (readonly [name: string, initials: string])[] = [
    ['Ana', 'A'],
    ['ana lima', 'AL'],
    ['Ana Maria Lima', 'AM'],
    ["O'Neill", 'ON'],
    ['김 하늘', '김하'],
    ['𝒜na', '𝒜'],
  ];
  for (const [name, expected] of initials) {
    it(`make ${expected} of ${name}`, () => {
      assert.equal(initialsOf(name), expected);
    });
  }

  it('give a person always the same colour, and people different ones', () => {
    assert.equal(toneOf('p1', 8), toneOf('p1', 8));
    const tones = new Set(Array.from({ length: 100 }, (_, i) => toneOf(`person ${i}`, 8)));
    assert.deepEqual([...tones].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
