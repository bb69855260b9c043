import pytest

from labelscope.errors import StageError
from labelscope.explorer.state import ExplorerState


def test_the_map_is_coloured_by_groups_of_like_items(board, session):
    board.take_embeddings(session.embeddings)
    colours = board.colouring.colours("cluster")
    assert sum(entry["count"] for entry in colours.legend) == 4
    assert all(entry["role"].startswith("hue") for entry in colours.legend)
    assert board.colouring.colours("cluster").codes.tolist() == colours.codes.tolist()


def test_groups_of_like_items_need_embeddings(session):
    with pytest.raises(StageError, match="wait for the map"):
        ExplorerState(session, lambda: None).colouring.colours("cluster")
