"""An undo of a batch of which another reviewer has changed a part says what stays as it is."""

from labelscope.session import Session


def test_cells_that_another_has_decided_since_stay_and_are_told(ask, board):
    session = board.session
    assert ask("batch_apply", listing=ask("worklist", queue="pending", order="confidence").body["listing"], total=3, verdict="accept")
    item, label = session.suggestions.frame.row(0)[1:3]
    other = Session(session.dataset, ledger=session.ledger.removeprefix("sqlite:///"), reviewer="bob", suggestions=session.suggestions)
    now = other.state(item, label)
    other.edit(item, label, -1)
    board.decisions.sync()
    body = ask("undo").body
    assert (body["n"], body["kept"], body["by"]) == (3, 1, ["bob"])
    assert (now, session.state(item, label)) == (1, -1)
    assert ask("redo").body["by"] == ["bob"]


def test_an_undo_of_what_nobody_touched_keeps_nothing(ask):
    ask("decide", suggestion="s0", verdict="accept")
    body = ask("undo").body
    assert (body["n"], body["kept"], body["by"]) == (1, 0, [])
