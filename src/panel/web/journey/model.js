// The map as it is drawn: what stands across, what stands down, and one cell where they meet.

/** What is summed in a cell. */
const SUMS = ["events", "contacts", "chosen", "imposed", "complaints", "suggestions", "praises", "questions", "reports"];

/** The groups that stand down, each a band of its own. */
export const BANDS = Object.freeze(["touchpoint", "department"]);

function emptyCell() {
  return { ...Object.fromEntries(SUMS.map((name) => [name, 0])), responses: 0, weighted: 0 };
}

function add(cell, more) {
  for (const name of SUMS) cell[name] += more[name] ?? 0;
  if (more.responses && more.satisfaction !== null) {
    cell.responses += more.responses;
    cell.weighted += more.satisfaction * more.responses;
  }
}

/** A cell as it is told: means instead of their sums. */
function told(cell) {
  const known = cell.chosen + cell.imposed;
  return { ...cell, satisfaction: cell.responses ? cell.weighted / cell.responses : null, upset: cell.complaints + cell.reports, imposedShare: known ? cell.imposed / known : null };
}

/** The values of one side by how much happens there; what is not said comes last. */
function byVolume(sums) {
  return [...sums].sort(([a, x], [b, y]) => (a === null) - (b === null) || y.events - x.events).map(([code]) => code);
}

/**
 * Builds it of cells that have `across` (a stage or a channel), `touchpoint`, `department` and their figures; a cell that does not
 * have one of the bands is not counted in it. `order` is that of what stands across, where there is one.
 */
export function mapOf(cells, order = null) {
  const acrossSums = new Map(), whole = emptyCell();
  const bands = BANDS.map((group) => {
    const rows = new Map();
    for (const cell of cells.filter((each) => group in each)) {
      const code = cell[group];
      if (!rows.has(code)) rows.set(code, { code, sum: emptyCell(), cells: new Map() });
      const row = rows.get(code);
      if (!row.cells.has(cell.across)) row.cells.set(cell.across, emptyCell());
      add(row.cells.get(cell.across), cell);
      add(row.sum, cell);
    }
    const sums = new Map([...rows].map(([code, { sum }]) => [code, sum]));
    const told_ = byVolume(sums).map((code) => ({ code, total: told(rows.get(code).sum), cells: new Map([...rows.get(code).cells].map(([across, cell]) => [across, told(cell)])) }));
    return { group, rows: told_, isSilent: told_.every((row) => row.code === null) };
  });
  for (const cell of cells.filter((each) => BANDS[0] in each)) {
    if (!acrossSums.has(cell.across)) acrossSums.set(cell.across, emptyCell());
    add(acrossSums.get(cell.across), cell);
    add(whole, cell);
  }
  const found = byVolume(acrossSums);
  const across = order ? [...order.filter((code) => code !== null && acrossSums.has(code)), ...found.filter((code) => code === null || !order.includes(code))] : found;
  return {
    across, acrossTotals: new Map([...acrossSums].map(([code, sum]) => [code, told(sum)])), bands, total: told(whole),
    isSilent: across.every((code) => code === null),
    largest: (measure) => Math.max(0, ...bands.filter(({ isSilent }) => !isSilent || bands.every((band) => band.isSilent)).flatMap(({ rows }) => rows.flatMap((row) => [...row.cells.values()].map((cell) => cell[measure])))),
  };
}

/** The bands that are drawn: those where anything is said, or the first when nothing is. */
export function shownBands({ bands }) {
  const saying = bands.filter(({ isSilent, rows }) => rows.length && !isSilent);
  return saying.length ? saying : bands.filter(({ rows }) => rows.length).slice(0, 1);
}
