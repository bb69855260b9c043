import io

import polars as pl
import pytest
from PIL import Image

from labelscope.data.dataset import Dataset
from labelscope.data.read import read
from labelscope.errors import DataError
from labelscope.views.thumbnails import thumbnail


def picture(size=(400, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#3366cc").save(out, "PNG")
    return out.getvalue()


def images(values, **options) -> Dataset:
    return Dataset.from_arrays([[1, 0]] * len(values), items=pl.DataFrame({"image": values}), image="image", **options)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_bytes_and_paths_become_small_pictures(tmp_path):
    (tmp_path / "p.png").write_bytes(picture())
    assert opened(thumbnail(images([picture()]), 0)).size == (128, 64)
    assert opened(thumbnail(images([str(tmp_path / "p.png")], image_root=tmp_path), 0, 32)).size == (32, 16)


def test_relative_paths_are_relative_to_the_table(tmp_path):
    (tmp_path / "p.png").write_bytes(picture())
    (tmp_path / "table.csv").write_text("image,labels\np.png,a\np.png,b\n")
    assert opened(thumbnail(read(tmp_path / "table.csv", labels="labels", image="image"), 0)).format == "WEBP"


@pytest.mark.parametrize("value", ["http://example.org/x.png", "missing.png", b"<script>", "", None])
def test_what_cannot_be_shown_is_one_clear_line(value):
    with pytest.raises(DataError, match=r"^image( of item 0)?: expected .*, got ") as caught:
        thumbnail(images([value]), 0)
    assert "\n" not in str(caught.value)
