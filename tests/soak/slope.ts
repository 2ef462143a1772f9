/** How fast a figure grows. */

/** Of the straight line that fits best, per unit of `x`; 0 of fewer than two points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x0, y0] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = mean(([x]) => (x - x0) ** 2);
  return spread > 0 ? mean(([x, y]) => (x - x0) * (y - y0)) / spread : 0;
}
