import threading

import msgspec
import pytest

from labelscope.errors import DataError
from labelscope.explorer.replies.reply import Reply
from labelscope.widgets.wire import Channel


class Said(msgspec.Struct):
    word: str


@pytest.fixture
def sent():
    return []


def fail(_):
    raise DataError("expected\n  one, got two")


def crash(_):
    raise ZeroDivisionError("by zero")


@pytest.fixture
def pushers():
    """The pushing threads that were started in a test."""

    def found():
        return {thread for thread in threading.enumerate() if thread.name == "labelscope-states"}

    before = found()  # of views that other tests left open
    return lambda: found() - before


@pytest.fixture
def channel(sent, pushers):
    made = []

    def channel(_, **options):
        handlers = {"echo": lambda r: Reply({"got": r.read(Said).word}, [b"\x01"]), "fail": fail, "crash": crash}
        made.append(Channel(lambda message, buffers: sent.append((message, buffers)), handlers, lambda: {"n": len(sent)}, **options))
        return made[-1]

    yield channel
    for one in made:
        one.close()
    for thread in pushers():
        thread.join(5)


def test_a_request_gets_its_reply_with_buffers(channel, sent):
    channel(sent).receive({"id": "x-1", "kind": "echo", "body": {"word": "hello"}})
    assert sent == [({"id": "x-1", "kind": "reply", "ok": True, "body": {"got": "hello"}, "version": 0}, [b"\x01"])]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"id": "1", "kind": "fail", "body": {}}, "DataError"),
        ({"id": "1", "kind": "crash"}, "ZeroDivisionError"),
        ({"id": "1", "kind": "nonsense", "body": {}}, "DataError"),
        ({"id": "1", "kind": "echo", "body": {"word": 3}}, "DataError"),
        ({"id": "1", "kind": "echo", "body": []}, "DataError"),
        ({"kind": "echo"}, "DataError"),
        ("text", "DataError"),
        (None, "DataError"),
    ],
)
def test_whatever_arrives_gets_one_reply_of_one_line(channel, sent, message, kind):
    channel(sent).receive(message)
    assert len(sent) == 1
    reply = sent[0][0]
    assert (reply["ok"], reply["error"]["kind"]) == (False, kind)
    assert "\n" not in reply["error"]["message"]


def test_states_are_throttled_numbered_and_the_last_one_arrives(channel, sent, until):
    wire = channel(sent, interval=0.05)
    for _ in range(200):
        wire.changed()
    assert until(lambda: sent and sent[-1][0]["version"] == 200)
    assert len(sent) < 10
    wire.receive({"id": "1", "kind": "echo", "body": {"word": "x"}})
    assert sent[-1][0]["version"] == 200  # a reply tells which state is the newest


def test_nothing_is_pushed_after_closing(channel, sent, pushers):
    wire = channel(sent)
    wire.close()
    wire.changed()
    assert not sent
    assert not pushers()


def test_one_thread_pushes_and_ends_with_the_channel(channel, sent, pushers, until):
    wire = channel(sent, interval=0.005, pause=0.0)
    seen = set()
    for version in range(1, 6):
        wire.changed()
        assert until(lambda version=version: sent and sent[-1][0]["version"] >= version)
        seen |= pushers()
    assert len(seen) == 1
    wire.close()
    seen.pop().join(5)
    assert not pushers()


def test_the_reply_to_a_change_comes_before_the_state_it_made(channel, sent, until):
    wire = channel(sent, pause=0.05)
    wire.changed()
    wire.receive({"id": "1", "kind": "echo", "body": {"word": "x"}})
    assert until(lambda: len(sent) >= 2)
    assert [message["kind"] for message, _ in sent] == ["reply", "state"]
    wire.close()


def test_an_asked_for_state_has_the_number_it_stands_for(channel, sent):
    wire = channel(sent, interval=60)
    wire.changed()
    wire.changed()
    wire.close()
    wire.receive({"id": "1", "kind": "state", "body": {}})
    assert sent[-1][0]["body"] == {"version": 2, "body": {"n": len(sent) - 1}}
