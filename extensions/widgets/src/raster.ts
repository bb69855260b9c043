/**
 * Points on a canvas, painted into an ImageData: no GPU is needed, and a million points take some ten milliseconds.
 * Few points are discs with soft edges, many are squares of one or two pixels.
 */

import { rgb } from "./palette";

interface Scene {
  /** x, y of each point in units of the view. */
  xy: Float32Array;
  /** Colour of each point, an index into `colours`. */
  codes: Uint8Array;
  colours: string[];
  /** Whether a colour is drawn before the others. */
  quiet: boolean[];
  /** 1 for the selected points; null when there is no selection. */
  mask: Uint8Array | null;
  faded: string;
  background: string;
}

interface Frame {
  width: number;
  height: number;
  /** Pixels a unit, and the pixel of the origin. */
  scale: number;
  left: number;
  top: number;
  /** Radius in pixels. */
  radius: number;
  /** Of one disc, 0 to 1: where many overlap, the crowd shows by its density. */
  opacity: number;
}

const PIXELS_PER_FRAME = 9e6;
const CROWDED = 60_000; // points from which density is shaded
const MOVING = 400_000; // points drawn at most while the view moves
const FULL = 48; // points on a pixel that make its colour full

/** Paint a scene. `quick` keeps to squares, for frames while the view moves. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, frame: Frame, quick: boolean): void {
  const image = canvasOf(context, frame);
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(pack(scene.background));
  const n = scene.codes.length;
  const area = Math.PI * frame.radius * frame.radius;
  const soft = frame.radius >= 1 && n * area < PIXELS_PER_FRAME / (quick ? 3 : 1);
  const crowd = !soft && n > CROWDED ? new Uint16Array(pixels.length) : null;
  const draw = soft ? discs(pixels, frame) : squares(pixels, frame, crowd);
  const fadedColour = pack(scene.faded);
  const colours = scene.colours.map(pack);
  const loud = scene.quiet.map(quiet => !quiet);
  const { xy, codes, mask } = scene;
  const step = quick ? Math.max(1, Math.round(n / MOVING)) : 1; // every few points while the view moves
  if (mask) for (let i = 0; i < n; i += step) if (!mask[i]) draw(xy[2 * i]!, xy[2 * i + 1]!, fadedColour);
  for (const wanted of [false, true]) {
    for (let i = 0; i < n; i += step) {
      const code = codes[i]!;
      if (loud[code] === wanted && (!mask || mask[i])) draw(xy[2 * i]!, xy[2 * i + 1]!, colours[code]!);
    }
  }
  if (crowd) shade(pixels, crowd, pack(scene.background));
  context.putImageData(image, 0, 0);
}

/** Where many points share a pixel, the colour is full; where few do, it is lighter: the crowd shows. */
function shade(pixels: Uint32Array, crowd: Uint16Array, background: number): void {
  let most = 1;
  for (let i = 0; i < crowd.length; i++) if (crowd[i]! > most) most = crowd[i]!;
  const reach = Math.log2(1 + Math.min(most, FULL));
  const weights = Uint16Array.from({ length: FULL + 1 }, (_, n) =>
    Math.round(256 * (0.42 + 0.58 * Math.min(1, Math.log2(1 + n) / reach))),
  );
  const [br, bg, bb] = [background & 255, (background >> 8) & 255, (background >> 16) & 255];
  for (let i = 0; i < crowd.length; i++) {
    const n = crowd[i]!;
    if (!n) continue;
    const weight = weights[n < FULL ? n : FULL]!;
    const rest = 256 - weight;
    const colour = pixels[i]!;
    pixels[i] =
      0xff000000 |
      (((((colour >> 16) & 255) * weight + bb * rest) >> 8) << 16) |
      (((((colour >> 8) & 255) * weight + bg * rest) >> 8) << 8) |
      (((colour & 255) * weight + br * rest) >> 8);
  }
}

const images = new WeakMap<CanvasRenderingContext2D, ImageData>();

/** The picture to paint into, kept from frame to frame. */
function canvasOf(context: CanvasRenderingContext2D, frame: Frame): ImageData {
  const kept = images.get(context);
  if (kept && kept.width === frame.width && kept.height === frame.height) return kept;
  const image = context.createImageData(frame.width, frame.height);
  images.set(context, image);
  return image;
}

type Draw = (x: number, y: number, colour: number) => void;

function squares(pixels: Uint32Array, frame: Frame, crowd: Uint16Array | null): Draw {
  const { width, height, scale, left, top } = frame;
  const side = Math.max(1, Math.min(3, Math.round(frame.radius * 1.6)));
  const half = side >> 1;
  return (x, y, colour) => {
    const px = Math.floor(left + x * scale) - half;
    const py = Math.floor(top - y * scale) - half;
    if (!(px >= 0 && py >= 0 && px + side <= width && py + side <= height)) return; // NaN ends here as well
    const at = py * width + px;
    pixels[at] = colour;
    if (crowd) crowd[at]!++;
    if (side === 1) return;
    if (crowd) {
      crowd[at + 1]!++;
      crowd[at + width]!++;
      crowd[at + width + 1]!++;
    }
    pixels[at + 1] = pixels[at + width] = pixels[at + width + 1] = colour;
    if (side === 2) return;
    for (let d = 0; d < 3; d++) {
      pixels[at + 2 + d * width] = pixels[at + 2 * width + d] = colour;
      if (crowd) crowd[at + 2 + d * width] = crowd[at + 2 * width + d] = crowd[at]!;
    }
  };
}

function discs(pixels: Uint32Array, frame: Frame): Draw {
  const { width, height, scale, left, top, radius } = frame;
  const reach = Math.ceil(radius + 0.5);
  const stamp: { dx: number; dy: number; alpha: number }[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const cover = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(dx, dy)));
      if (cover > 0.02) stamp.push({ dx, dy, alpha: Math.round(cover * 255 * frame.opacity) });
    }
  }
  return (x, y, colour) => {
    const px = Math.round(left + x * scale);
    const py = Math.round(top - y * scale);
    if (!(px >= -reach && py >= -reach && px < width + reach && py < height + reach)) return;
    const r = colour & 255;
    const g = (colour >> 8) & 255;
    const b = (colour >> 16) & 255;
    for (const { dx, dy, alpha } of stamp) {
      const cx = px + dx;
      const cy = py + dy;
      if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
      const at = cy * width + cx;
      const under = pixels[at]!;
      const rest = 256 - alpha;
      const nr = ((under & 255) * rest + r * alpha) >> 8;
      const ng = (((under >> 8) & 255) * rest + g * alpha) >> 8;
      const nb = (((under >> 16) & 255) * rest + b * alpha) >> 8;
      pixels[at] = 0xff000000 | (nb << 16) | (ng << 8) | nr;
    }
  };
}

function pack(colour: string): number {
  const [r, g, b] = rgb(colour);
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}
