"""A file that data names is opened only where the user allowed it, and decoded only within limits."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zlib

import polars as pl
import pytest
from PIL import Image

import labelscope as ls
from labelscope.data import images as images_module
from labelscope.errors import DataError, ImageError, LabelscopeWarning
from labelscope.views.thumbnails import thumbnail

COLOUR = (51, 102, 204)


def encoded(size=(40, 20), kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, COLOUR).save(out, kind, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header claims a size; it is tiny, whatever that is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.fixture
def place(tmp_path):
    """A folder for a table, with an image; and images elsewhere."""
    (tmp_path / "data" / "pics").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data" / "pics" / "a.png").write_bytes(encoded())
    (tmp_path / "elsewhere" / "secret.png").write_bytes(encoded())
    return tmp_path


def read(place, values, **options) -> ls.Dataset:
    table = place / "data" / "table.csv"
    pl.DataFrame({"item_id": range(len(values)), "image": values, "labels": ["x"] * (len(values) - 1) + ["y"]}).write_csv(table)
    return ls.read(table, labels="labels", image="image", labels_delimiter="", **options)


def remedy(line: str) -> str:
    return re.search(r"image_root='([^']+)'", line)[1]


def test_a_path_below_the_folder_of_the_table_is_opened(place):
    whole = str(place / "data" / "pics" / "a.png")
    found = read(place, ["pics/a.png", whole, "pics/../pics/a.png"])
    assert [found.images.open(row).size for row in range(3)] == [(40, 20)] * 3


@pytest.mark.parametrize("way", ["absolute", "parents", "link", "linked folder"])
def test_a_path_that_leads_elsewhere_is_refused_and_the_remedy_works(place, way):
    secret = place / "elsewhere" / "secret.png"
    (place / "data" / "link.png").symlink_to(secret)
    (place / "data" / "folder").symlink_to(secret.parent)
    value = {"absolute": str(secret), "parents": "../elsewhere/secret.png", "link": "link.png", "linked folder": "folder/secret.png"}[way]
    with pytest.raises(ImageError, match="expected a file below the folder of the table") as refused:
        thumbnail(read(place, [value]), 0)
    assert "\n" not in str(refused.value)
    allowed = read(place, [value], image_root=remedy(str(refused.value)))
    assert Image.open(io.BytesIO(thumbnail(allowed, 0))).size == (40, 20)


def test_a_link_to_another_place_below_a_root_is_followed(place):
    (place / "data" / "again.png").symlink_to(place / "data" / "pics" / "a.png")
    assert read(place, ["again.png"]).images.open(0).size == (40, 20)


def test_relative_paths_are_looked_for_in_each_root(place):
    roots = [place / "data" / "pics", place / "elsewhere"]
    found = read(place, ["a.png", "secret.png", "pics/a.png"], image_root=roots)
    assert [found.images.open(row).size for row in range(3)] == [(40, 20)] * 3


def test_a_folder_whose_name_begins_alike_is_elsewhere(place):
    (place / "data2").mkdir()
    (place / "data2" / "b.png").write_bytes(encoded())
    with pytest.raises(ImageError, match="below the folder of the table"):
        read(place, [str(place / "data2" / "b.png")])


def test_a_root_that_is_no_folder_is_refused(place):
    with pytest.raises(DataError, match="image_root: expected a folder that exists"):
        read(place, ["pics/a.png"], image_root=place / "nowhere")


def test_arrays_take_roots_too(place, monkeypatch):
    monkeypatch.chdir(place / "data")
    items = pl.DataFrame({"image": [str(place / "elsewhere" / "secret.png")]})
    with pytest.raises(ImageError, match="image_root="):
        ls.Dataset.from_arrays([[1]], items=items, image="image")
    found = ls.Dataset.from_arrays([[1]], items=items, image="image", image_root=place / "elsewhere")
    assert found.images.open(0).size == (40, 20)
    assert ls.Dataset.from_arrays([[1]], items=pl.DataFrame({"image": ["pics/a.png"]}), image="image").images.open(0).size == (40, 20)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://example.org/x.png", "http:"),
        ("HTTPS://example.org/x.png", "https:"),
        ("s3://bucket/x.png", "s3:"),
        ("file:///etc/x.png", "file:"),
        ("data:image/png;base64,AAAA", "data:"),
    ],
)
def test_a_url_is_refused_by_name(place, url, named):
    with pytest.raises(ImageError, match=rf"got a URL \({named}\), and nothing is fetched; ") as refused:
        read(place, [url])
    assert "AAAA" not in str(refused.value)


def test_some_images_elsewhere_are_told_in_one_line(place):
    values = ["pics/a.png"] * 50 + [str(place / "elsewhere" / "secret.png")] * 3 + ["https://example.org/x.png"] * 2
    with pytest.warns(LabelscopeWarning, match="image: 5 of 55 items have no picture: 3 outside .*; 2 https: URLs") as told:
        found = read(place, values)
    assert len(told) == 1
    assert "\n" not in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error", LabelscopeWarning)
        values = [value for value in values if "://" not in value]
        assert read(place, values, image_root=remedy(str(told[0].message))).images.open(50).size == (40, 20)
    with pytest.raises(ImageError):
        found.images.open(50)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_or_a_folder_is_never_opened(place, monkeypatch):
    os.mkfifo(place / "data" / "pipe.png")
    found = read(place, ["pipe.png", "pics"])
    opened = []
    monkeypatch.setattr(os, "open", lambda *given, **_: opened.append(given))
    with pytest.raises(ImageError, match="expected a regular file, got a pipe"):
        found.images.read(0)
    with pytest.raises(ImageError, match="expected a regular file, got a folder"):
        found.images.read(1)
    assert not opened


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no devices")  # noqa: PTH110
def test_a_device_is_never_opened_even_below_a_root(place, monkeypatch):
    found = read(place, ["/dev/zero"], image_root="/dev")
    opened = []
    monkeypatch.setattr(os, "open", lambda *given, **_: opened.append(given))
    with pytest.raises(ImageError, match="expected a regular file, got a device"):
        found.images.read(0)
    assert not opened


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_that_takes_the_place_of_a_file_is_not_read(place, monkeypatch):
    found = read(place, ["pics/a.png"])
    regular = os.stat(place / "data" / "pics" / "a.png")  # noqa: PTH116 - replaced below
    (place / "data" / "pics" / "a.png").unlink()
    os.mkfifo(place / "data" / "pics" / "a.png")
    monkeypatch.setattr(images_module.os, "stat", lambda *_, **__: regular)
    with pytest.raises(ImageError, match="got a pipe"):
        found.images.read(0)


def test_a_file_over_the_limit_of_bytes_is_not_read(place):
    with (place / "data" / "large.png").open("wb") as file:
        file.truncate(images_module.MOST_BYTES + 1)
    with pytest.raises(ImageError, match="at most 64 MiB"):
        read(place, ["large.png"]).images.read(0)


def held(*data: bytes) -> ls.Dataset:
    return ls.Dataset.from_arrays([[1]] * len(data), items=pl.DataFrame({"image": list(data)}), image="image")


@pytest.mark.parametrize("size", [(8_001, 8_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_size_over_the_limit_of_pixels_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with pytest.raises(ImageError, match="at most 64 million pixels"):
            held(bomb(*size)).images.open(0)


def test_of_an_animation_the_first_frame_is_shown_and_its_whole_size_counts(monkeypatch):
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue", "green")]
    for kind in ("GIF", "WEBP", "TIFF", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        shown = held(out.getvalue()).images.opaque(0)
        assert max(abs(a - b) for a, b in zip(shown.getpixel((5, 5)), (255, 0, 0), strict=True)) < 10, kind
        monkeypatch.setattr(images_module, "MOST_PIXELS", 800)
        with pytest.raises(ImageError, match="pixels"):
            held(out.getvalue()).images.open(0)
        monkeypatch.undo()


def test_a_fault_of_ours_is_no_fault_of_the_picture(monkeypatch):
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    monkeypatch.setattr("labelscope.data.images.MOST_PIXELS", "many")
    with pytest.raises(TypeError):
        held(out.getvalue()).images.open(0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "PPM"])
def test_a_picture_that_was_cut_off_is_refused(kind):
    rough = Image.effect_noise((200, 100), 80).convert("RGB")
    out = io.BytesIO()
    rough.save(out, kind)
    whole = out.getvalue()
    assert held(whole).images.open(0).size == (200, 100)
    with pytest.raises(ImageError, match="got another or a damaged file"):
        held(whole[: len(whole) // 2]).images.open(0)


def test_formats_that_run_a_program_are_no_pictures():
    with pytest.raises(ImageError, match="expected a picture in JPEG"):
        held(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n").images.open(0)


def test_structs_of_bytes_and_path_obey_the_same_rules(place):
    rows = [{"bytes": encoded(), "path": "x.png"}, {"bytes": None, "path": "pics/a.png"}, {"bytes": b"", "path": None}, None]
    rows.append({"bytes": None, "path": str(place / "elsewhere" / "secret.png")})
    table = place / "data" / "table.parquet"
    pl.DataFrame({"image": rows, "labels": [["a"]] * 4 + [["b"]]}).write_parquet(table)
    with pytest.warns(LabelscopeWarning, match=r"image: 1 of 5 items have no picture: 1 outside"):
        found = ls.read(table, labels="labels", image="image")
    assert found.images.open(0).size == found.images.open(1).size == (40, 20)
    assert found.images.open(2) is None
    assert found.images.open(3) is None
    with pytest.raises(ImageError, match="below the folder of the table"):
        found.images.open(4)


def test_an_image_turned_by_its_camera_is_turned_back():
    turned = Image.Exif()
    turned[0x0112] = 6
    assert held(encoded((40, 20), "JPEG", exif=turned)).images.open(0).size == (20, 40)


@pytest.mark.parametrize("path", ["no\x00such.png", "a" * 5000, "loop.png"])
def test_paths_that_no_file_can_have_are_one_line(place, path):
    (place / "data" / "loop.png").symlink_to(place / "data" / "loop.png")
    items = pl.DataFrame({"image": [path, "pics/a.png"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelscopeWarning)
        found = ls.Dataset.from_arrays([[1], [1]], items=items, image="image", image_root=place / "data")
    with pytest.raises(ImageError, match="image of item 0: expected a file") as refused:
        found.images.open(0)
    assert len(str(refused.value)) < 400
