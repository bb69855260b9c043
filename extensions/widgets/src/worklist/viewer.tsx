/**
 * A picture at its real resolution: the wheel zooms, a drag pans; Space and a double click show all of it or its
 * pixels.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface View {
  scale: number;
  x: number;
  y: number;
}

const MOST = 16; // screen pixels for one of the picture
const ENLARGED = 4; // the same, for a picture that is small in its place
const ROOM = 0.6; // of the place, that a small picture is enlarged to at most
const STEP = 1.0016; // for one unit of the wheel

/** A picture that is larger than the place of the viewer, in the pixels of the screen that it takes there, or null. */
export async function fittedTo(place: Element | null, picture: Blob): Promise<ImageBitmap | null> {
  const whole = await createImageBitmap(picture);
  const pixels = (length = 0) => length * devicePixelRatio;
  const scale = Math.min(pixels(place?.clientWidth) / whole.width, pixels(place?.clientHeight) / whole.height);
  if (!scale || scale >= 1) {
    whole.close();
    return null;
  }
  const [resizeWidth, resizeHeight] = [Math.round(whole.width * scale), Math.round(whole.height * scale)];
  const fitted = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
  whole.close();
  return fitted;
}

interface ViewerProps {
  source: string;
  /** The picture as it fills the place, shown until that of its source is decoded. */
  fitted: ImageBitmap | undefined;
  name: string;
}

export function Viewer({ source, fitted: kept, name }: ViewerProps) {
  const ready = kept?.width ? kept : undefined; // it has no width once it was given up
  const box = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLCanvasElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const [view, setView] = useState<View | null>(null); // null: all of it is in sight
  const [width, setWidth] = useState(0); // of a small picture, in pixels; 0 for any other
  const dragged = useRef<{ x: number; y: number } | null>(null);
  useEffect(() => setView(null), [source]);
  useLayoutEffect(() => {
    if (!ready || !first.current) return;
    [first.current.width, first.current.height] = [ready.width, ready.height];
    first.current.getContext("2d")!.drawImage(ready, 0, 0);
  }, [ready, !view]);
  /** The scale at which a small picture fills the place. */
  const filling = () =>
    Math.min(
      box.current!.clientWidth / (picture.current!.naturalWidth || 1),
      box.current!.clientHeight / (picture.current!.naturalHeight || 1),
    );
  const fitted = (): View => {
    const [{ clientWidth, clientHeight }, { naturalWidth, naturalHeight }] = [box.current!, picture.current!];
    const scale = Math.min(filling(), Math.max(1, Math.min(ENLARGED, ROOM * filling())));
    return { scale, x: (clientWidth - naturalWidth * scale) / 2, y: (clientHeight - naturalHeight * scale) / 2 };
  };
  const loaded = () => {
    if (!box.current) return; // somebody went on before it was there
    const { scale } = fitted();
    setWidth(scale > 1 ? picture.current!.naturalWidth * scale : 0);
  };
  /** Zoom by a factor, so that what is under a point stays there. */
  const zoom = (to: (scale: number) => number, at: { x: number; y: number }) => {
    if (!picture.current?.naturalWidth) return; // not there yet
    setView(now => {
      const { scale, x, y } = now ?? fitted();
      const next = Math.min(MOST, Math.max(fitted().scale, to(scale)));
      const factor = next / scale;
      return next <= fitted().scale
        ? null
        : { scale: next, x: at.x - (at.x - x) * factor, y: at.y - (at.y - y) * factor };
    });
  };
  const place = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = box.current!.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const centre = () => ({ x: box.current!.clientWidth / 2, y: box.current!.clientHeight / 2 });
  const turn = (at: { x: number; y: number }) =>
    view ? setView(null) : zoom(scale => (scale < 1 ? 1 : filling()), at);
  const press = (event: KeyboardEvent) => {
    if (event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    turn(centre());
  };
  useEffect(() => {
    const element = box.current!;
    const wheel = (event: WheelEvent) => {
      event.preventDefault(); // the page does not scroll
      zoom(scale => scale * STEP ** -event.deltaY, place(event));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);
  const style = view
    ? {
        transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
        transformOrigin: "0 0",
        maxWidth: "none",
      }
    : width
      ? { width: `${width}px` }
      : {};
  return (
    <div
      ref={box}
      tabIndex={0}
      role="img"
      aria-label={name}
      aria-keyshortcuts="Space"
      title="Wheel zooms, drag pans, Space or a double click shows its pixels"
      class={`ls-viewer ${view ? "ls-zoomed" : ""}`}
      onKeyDown={press}
      onDblClick={event => turn(place(event))}
      onPointerDown={event => {
        dragged.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={event => {
        const from = dragged.current;
        if (!from || !view) return;
        dragged.current = { x: event.clientX, y: event.clientY };
        setView({ ...view, x: view.x + event.clientX - from.x, y: view.y + event.clientY - from.y });
      }}
      onPointerUp={() => (dragged.current = null)}
      onPointerCancel={() => (dragged.current = null)}
    >
      {ready && !view && <canvas ref={first} style={{ width: `${ready.width / devicePixelRatio}px` }} />}
      {source && (
        <img ref={picture} src={source} alt="" decoding="async" draggable={false} style={style} onLoad={loaded} />
      )}
    </div>
  );
}
