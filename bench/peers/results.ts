/** What the rounds of the comparison come to. */

export type PacketRun = { name: string; verifies: boolean; rates: number[] }[];
export type HandshakeRun = { name: string; micros: number[] }[];

export type Figure = {
  value: number;
  /** How many times as fast we are. */
  lead: number;
};

export type Row = {
  name: string;
  verifies: boolean;
  /** One for each size. */
  figures: Figure[];
};

export type Comparison = { sizes: string[]; rows: Row[]; handshakes: { name: string; figure: Figure }[] };

/** The first client of a run that verifies as this one does is ours; it ran in the same rounds. */
export function compare(runs: [size: string, run: PacketRun][], handshakes: HandshakeRun): Comparison {
  const [first] = runs;
  if (!first) throw new Error("nothing was measured");
  const rows = first[1].map(({ name, verifies }, index) => ({
    name,
    verifies,
    figures: runs.map(([, run]) => {
      const ours = run.find((other) => other.verifies === verifies)?.rates ?? [];
      const rates = run[index]?.rates ?? [];
      return { value: median(rates), lead: median(rates.map((rate, round) => (ours[round] ?? Number.NaN) / rate)) };
    }),
  }));
  const ours = handshakes[0]?.micros ?? [];
  const agreed = handshakes.map(({ name, micros }) => {
    const lead = median(micros.map((taken, round) => taken / (ours[round] ?? Number.NaN)));
    return { name, figure: { value: median(micros), lead } };
  });
  return { sizes: runs.map(([size]) => size), rows, handshakes: agreed };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
