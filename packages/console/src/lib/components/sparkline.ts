/**
 * Points of a polyline through the values, scaled to the box; null when there are too few to draw a line. The box has
 * room for `slots` values: fewer stand at its right end, where the present is.
 */
export function sparklinePoints(
  values: readonly number[],
  width: number,
  height: number,
  slots = values.length,
): string | null {
  if (values.length < 2) return null;
  const top = Math.max(4, ...values);
  const inset = 2;
  const places = Math.max(slots, values.length);
  const room = height - 2 * inset;
  return values
    .map((value, index) => {
      const x = ((places - values.length + index) / (places - 1)) * width;
      const y = height - inset - (Math.max(0, value) / top) * room;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
