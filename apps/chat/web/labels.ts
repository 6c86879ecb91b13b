/** Times, days and counts in words, as they stand on the page. */

// Made once, because making one takes longer than a hundred labels.
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function timeLabel(at: number): string {
  return timeFormat.format(at);
}

/** Today, Yesterday, or the date, with the year when it is another. */
export function dayLabel(at: number, now: number): string {
  const day = new Date(at);
  const today = new Date(now);
  if (isSameDay(day, today)) return 'Today';
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (isSameDay(day, yesterday)) return 'Yesterday';
  const year = day.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' as const };
  return new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(
    at,
  );
}

export function countLabel(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

/** The first letters of the first two words of a name. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s\p{P}]+/u).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}

/** One of a few colours, the same for a person wherever it is shown. */
export function toneOf(personId: string, tones: number): number {
  let hash = 0;
  for (const character of personId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % tones;
}

function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
