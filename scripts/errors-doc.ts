/**
 * Writes docs/errors.md from the engine's table of violations: `npm run docs:errors`. A test compares the page with
 * what is written here, so the table and the page cannot drift apart.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type ViolationKind, violations } from '../packages/protocol/src/index.ts';

/** Where the page stands, from the root. */
export const errorsPagePath = 'docs/errors.md';

/** The page. */
export function errorsPage(): string {
  return [intro, ...sections.map(formatSection)].join('\n');
}

const intro = `# Errors

<!-- Written by \`npm run docs:errors\` from packages/protocol/src/violations.ts; edit that table or scripts/errors-doc.ts. -->

Each rule that a peer can break is a row of one table, and each row is an error. All of them extend \`ViolationError\`:

| Property    | What it is                                                                                     |
| ----------- | ---------------------------------------------------------------------------------------------- |
| \`name\`      | The class, below                                                                               |
| \`code\`      | The stable code of the rule, as in the tables below. It does not change; compare this one      |
| \`section\`   | Where the rule is written, such as \`RFC 6455 §5.2\`                                             |
| \`message\`   | "Expected …, received …": what the tables below say, and what came instead. For people         |
| \`received\`  | What came instead, as the message says it                                                      |
| \`closeCode\` | \`ProtocolError\`, \`LimitError\`, \`InternalError\`: the code that our Close frame tells the peer   |
| \`status\`    | \`HandshakeError\`: the status of the refusal, or the one that a server gave a client, if any    |
| \`cause\`     | What was thrown, where an error follows from another                                           |

How a connection ends is told apart: _the peer closed it_, _we failed it_ and _the transport was lost_ are three
things. Only the second is an error of these.

- **On an open connection** nothing is thrown. \`Connection.nextEvent()\` yields \`{ type: 'fail', error }\` behind all that
  was received before the violation. A Close frame with the error's \`closeCode\`, and its \`code\` as the reason, has been
  queued by then; the transport ends behind it, and nothing more is read.
- **In an opening handshake** the functions that read a head or check one throw a \`HandshakeError\`. A server answers it
  with \`refusalOf(error)\`, and ends the connection; a client can only hang up.
- **Misuse by the caller** is no violation. It throws the language's own \`TypeError\` (a part that cannot stand in a
  head, another message inside a fragmented one) and \`RangeError\` (a close code, a reason's length, a limit). To send on a
  connection that has closed is no misuse: it returns \`false\`.
`;

interface Section {
  readonly kind: ViolationKind;
  readonly title: string;
  readonly text: string;
  /** What the number of a row is; undefined if the rows have none. */
  readonly number: string | undefined;
}

const sections: readonly Section[] = [
  {
    kind: 'frame',
    title: 'Frames',
    text: '`ProtocolError`: the peer broke a rule of the protocol on an open connection.',
    number: 'Close code',
  },
  {
    kind: 'limit',
    title: 'Limits',
    text: '`LimitError`: the peer went past one of our limits on an open connection, in bytes or in counts.',
    number: 'Close code',
  },
  {
    kind: 'internal',
    title: 'Our own failures',
    text: '`InternalError`: our side failed, not the peer; `cause` is what was thrown.',
    number: 'Close code',
  },
  {
    kind: 'request',
    title: 'Requests',
    text:
      '`HandshakeError`: a client’s opening handshake broke a rule, and is refused. A client throws the rules of heads\n' +
      '(headers, lengths) for a response too, and nobody is told the status then.',
    number: 'Status',
  },
  {
    kind: 'policy',
    title: 'Policy',
    text: '`HandshakeError`: the request is well-formed, and refused all the same.',
    number: 'Status',
  },
  {
    kind: 'response',
    title: 'Responses',
    text:
      '`HandshakeError`: a server’s answer broke a rule, or was no agreement; the client hangs up. `status` is the\n' +
      'server’s if that was not 101, else undefined.',
    number: undefined,
  },
];

interface Row {
  readonly section: string;
  readonly expected: string;
  readonly closeCode?: number;
  readonly status?: number;
}

function formatSection({ kind, title, text, number }: Section): string {
  const rows = Object.entries<Row>(violations[kind]).map(([code, row]) => {
    const numbers = number === undefined ? [] : [String(row.closeCode ?? row.status)];
    return [`\`${code}\``, row.section, ...numbers, row.expected];
  });
  const head = ['Code', 'Section', ...(number === undefined ? [] : [number]), 'Expected'];
  return `## ${title}\n\n${text}\n\n${formatTable([head, ...rows])}`;
}

/** A table whose columns are as wide as their widest cell. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => formatLine(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  lines.splice(1, 0, formatLine(widths.map((width) => '-'.repeat(width))));
  return lines.join('');
}

function formatLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(errorsPagePath, errorsPage());
