/** Draws how a session went: a row for each host, a bar while it is emptied and one while it is maintained, over time. */
import type { HostSpan } from '../../src/simulation/timeline.ts';

const rowHeight = 12;
const left = 90;
const top = 40;
const chartWidth = 900;
const colours = { drain: '#e8a33d', maintenance: '#3d7ee8' } as const;

/** `bound`: a line at the lower bound. All times are seconds. */
export function ganttSvg(title: string, spans: readonly HostSpan[], bound: number): string {
  const rows = spans.toSorted((a, b) => a.from - b.from);
  const end = Math.max(bound, ...rows.map(({ to }) => to), 1);
  const x = (seconds: number) => left + (chartWidth * Math.max(0, seconds)) / end;
  const bottom = top + rows.length * rowHeight;
  const bar = (row: number, from: number, to: number, kind: keyof typeof colours) =>
    `<rect x="${fixed(x(from))}" y="${top + row * rowHeight + 1}" width="${fixed(x(to) - x(from))}" ` +
    `height="${rowHeight - 2}" fill="${colours[kind]}"><title>${kind}: ${minutes(from)} to ${minutes(to)} min</title></rect>`;
  const body = rows.flatMap(({ host, drainFrom, from, to }, row) => [
    `<text x="${left - 6}" y="${top + row * rowHeight + 9}" text-anchor="end">${escaped(host)}</text>`,
    ...(drainFrom === undefined ? [] : [bar(row, drainFrom, from, 'drain')]),
    bar(row, from, to, 'maintenance'),
  ]);
  const axis = ticks(end).map(
    (time) =>
      `<line x1="${fixed(x(time))}" x2="${fixed(x(time))}" y1="${top}" y2="${bottom}" stroke="#ddd"/>` +
      `<text x="${fixed(x(time))}" y="${bottom + 14}" text-anchor="middle">${minutes(time)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + chartWidth + 30}" height="${bottom + 36}" ` +
      'font-family="sans-serif" font-size="9">',
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${left}" y="16" font-size="12">${escaped(title)}</text>`,
    `<text x="${left}" y="31">orange: being emptied; blue: in maintenance; red line: lower bound, ${minutes(bound)} min</text>`,
    ...axis,
    ...body,
    `<line x1="${fixed(x(bound))}" x2="${fixed(x(bound))}" y1="${top}" y2="${bottom}" stroke="#c22" stroke-width="1.5"/>`,
    `<text x="${left + chartWidth}" y="${bottom + 28}" text-anchor="end">minutes</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Round figures, at most a dozen of them. */
function ticks(end: number): readonly number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200].find((one) => end / 60 / one <= 12) ?? 6000;
  return Array.from({ length: Math.floor(end / 60 / step) + 1 }, (_, index) => index * step * 60);
}

const fixed = (value: number) => value.toFixed(1);
const minutes = (seconds: number) => String(Math.round(seconds / 6) / 10);
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
