"""Ways to break a file: a few at once, all of them chosen by the one generator of random numbers that is passed."""

from __future__ import annotations

import random
import re

TOKENS = (
    b"", b"0", b"-1", b"1e999", b"-0.0", b"NaN", b"null", b"true", b'"', b"'", b"\\", b"[", b"]", b"{", b"}", b"<", b">", b"&", b"@", b"#",
    b"=1+1", b"9" * 25, b"9" * 5000, b"1" * 400 + b".5", b"0x7fffffff", b"2147483648", b"18446744073709551616", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\\ud800", b"\\u0000", b"\xed\xa0\x80", "\u2028\u202e\u0301".encode(), b"\r", b"\n\n", b"\t",
    b"[" * 3000, b"(" * 300, b'{"a":' * 2000,
    b"[]", b"{}", b"[[]]", b"[null]", b"['a' 'b']", b"''", b"a" * 70_000, b"<a>" * 1500, b"_:b", b"@prefix", b'"""', b"\\U00110000",
    b"\\UFFFFFFFF", b"[1]", b"http://[", b"<http://[>", b"&#0;", b"<!DOCTYPE a>", b"xmlns=''",
)  # fmt: skip
PIECES = re.compile(rb"[A-Za-z_]+|[0-9.]+|[^A-Za-z_0-9.\s]+|\s+")


def broken(content: bytes, other: bytes, draw: random.Random) -> bytes:
    """One to three mutations of a file; `other` is a second one, out of which a piece may come."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        content = draw.choice((_flipped, _flipped, _cut, _spliced, _repeated, _replaced, _replaced, _replaced, _recoded, _overwritten))(
            content, other, draw
        )
    return content


def _flipped(content: bytes, _: bytes, draw: random.Random) -> bytes:
    data = bytearray(content)
    for _bit in range(draw.choice((1, 1, 3, 20))):
        if data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def _cut(content: bytes, _: bytes, draw: random.Random) -> bytes:
    start, stop = sorted((draw.randrange(len(content) + 1), draw.randrange(len(content) + 1)))
    return draw.choice((content[:start], content[start:], content[:start] + content[stop:]))


def _spliced(content: bytes, other: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)] + other[draw.randrange(len(other) + 1) :]


def _repeated(content: bytes, _: bytes, draw: random.Random) -> bytes:
    start, stop = sorted((draw.randrange(len(content) + 1), draw.randrange(len(content) + 1)))
    return content[:stop] + content[start:stop] * draw.choice((1, 2, 20)) + content[stop:]


def _replaced(content: bytes, _: bytes, draw: random.Random) -> bytes:
    pieces = list(PIECES.finditer(content))
    if not pieces:
        return draw.choice(TOKENS)
    found = draw.choice(pieces)
    token = draw.choice(TOKENS)
    if draw.random() < 0.3:  # everywhere: a name that is used several times stays one name
        return content.replace(found.group(), token) if len(content) * len(token) < 1 << 20 else content
    return content[: found.start()] + token + content[found.end() :]


def _recoded(content: bytes, _: bytes, draw: random.Random) -> bytes:
    return content.decode("latin-1").encode(draw.choice(("utf-16", "utf-8", "utf-32", "utf-8-sig")))


def _overwritten(content: bytes, _: bytes, draw: random.Random) -> bytes:
    """A few bytes as an extreme number of a binary header."""
    at = draw.randrange(len(content) + 1)
    number = draw.choice((b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00" * 8, b"\xff" * 7 + b"\x7f", b"\xff" * 9 + b"\x01", b"\x80" * 4))
    return content[:at] + number + content[at + len(number) :]
