/** What gamma does, as a line: a loose scribble on the left, straight on the right. */

/** @param {number} width @param {number} middle its height when it is straight */
export function scribble(width, middle) {
  const points = [];
  for (let x = 0; x <= width; x += 3) {
    const loose = (1 - x / width) ** 1.6;
    const wave = Math.sin(x * 0.115) * 7 + Math.sin(x * 0.047 + 1) * 4 + Math.sin(x * 0.31) * 1.6;
    points.push(`${x},${(middle + wave * loose).toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}
