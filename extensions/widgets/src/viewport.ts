/** From units of the data to pixels and back, with pan and zoom. */

const MARGIN = 0.94;
const MAX_ZOOM = 400;

/** Data in a box of [-1, 1], so that another layout of the same items can be moved to smoothly. */
export class Normal {
  /** Half the extent in each direction, in units of the box: the larger one is 1. */
  readonly extent: [number, number];
  private readonly centre: [number, number];
  /** Units of the data in one of the box. */
  readonly half: number;

  constructor(xy: Float32Array) {
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    for (let i = 0; i < xy.length; i++) {
      const value = xy[i]!;
      if (value < low[i & 1]!) low[i & 1] = value;
      if (value > high[i & 1]!) high[i & 1] = value;
    }
    const empty = !Number.isFinite(low[0]!) || !Number.isFinite(low[1]!);
    this.centre = empty ? [0, 0] : [(low[0]! + high[0]!) / 2, (low[1]! + high[1]!) / 2];
    this.half = empty ? 1 : Math.max(high[0]! - low[0]!, high[1]! - low[1]!, 1e-9) / 2;
    this.extent = empty ? [1, 1] : [(high[0]! - low[0]!) / 2 / this.half, (high[1]! - low[1]!) / 2 / this.half];
  }

  /** All points in the box. */
  all(xy: Float32Array): Float32Array {
    const out = new Float32Array(xy.length);
    for (let i = 0; i < xy.length; i++) out[i] = (xy[i]! - this.centre[i & 1]!) / this.half;
    return out;
  }

  /** A point of the box in units of the data. */
  back(x: number, y: number): [number, number] {
    return [x * this.half + this.centre[0], y * this.half + this.centre[1]];
  }
}

export class Viewport {
  width = 1;
  height = 1;
  zoom = 1;
  /** Half the extent of what is shown at zoom 1. */
  extent: [number, number] = [1, 1];
  /** Pixels at the bottom that something else lies over. */
  inset = 0;
  private x = 0;
  private y = 0;

  /** CSS pixels a unit of the box. */
  get scale(): number {
    const [x, y] = this.extent;
    return (
      (Math.min(this.width / Math.max(x, 0.05), (this.height - this.inset) / Math.max(y, 0.05)) / 2) *
      MARGIN *
      this.zoom
    );
  }

  /** Pixel of the origin of the box. */
  get origin(): [number, number] {
    return [this.width / 2 - this.x * this.scale, (this.height - this.inset) / 2 + this.y * this.scale];
  }

  /** Where a pixel is in the box. */
  at(px: number, py: number): [number, number] {
    const [left, top] = this.origin;
    return [(px - left) / this.scale, (top - py) / this.scale];
  }

  /** The pixel of a point of the box. */
  pixel(x: number, y: number): [number, number] {
    const [left, top] = this.origin;
    return [left + x * this.scale, top - y * this.scale];
  }

  pan(dx: number, dy: number): void {
    this.x = clamp(this.x - dx / this.scale, -1.2, 1.2);
    this.y = clamp(this.y + dy / this.scale, -1.2, 1.2);
  }

  /** Zoom by a factor, with the point under the pixel staying there. */
  zoomAt(px: number, py: number, factor: number): void {
    const [x, y] = this.at(px, py);
    this.zoom = clamp(this.zoom * factor, 0.7, MAX_ZOOM);
    const [nx, ny] = this.at(px, py);
    this.x = clamp(this.x + x - nx, -1.2, 1.2);
    this.y = clamp(this.y + y - ny, -1.2, 1.2);
  }

  /** Show a box, with some room around it. */
  fit(low: [number, number], high: [number, number]): void {
    this.reset();
    const [width, height] = [Math.max(high[0] - low[0], 0.004), Math.max(high[1] - low[1], 0.004)];
    this.zoom = clamp(
      Math.min(this.width / width, (this.height - this.inset) / height) / (this.scale * 1.15),
      0.7,
      MAX_ZOOM,
    );
    this.x = clamp((low[0] + high[0]) / 2, -1.2, 1.2);
    this.y = clamp((low[1] + high[1]) / 2, -1.2, 1.2);
  }

  reset(): void {
    [this.zoom, this.x, this.y] = [1, 0, 0];
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
