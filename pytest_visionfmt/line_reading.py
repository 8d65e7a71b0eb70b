"""Lines of files, none of them so long that it would fill the memory."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import IO, TypeAlias

__all__ = ["MAX_LINE_BYTES", "Progress", "bounded_lines", "told"]

Progress: TypeAlias = Callable[[int], object]
"""Takes how many bytes more have been read."""

MAX_LINE_BYTES = 1 << 24
"""The longest line that is read: what is longer is no data of ours."""
_PEEK = 1 << 16
_AT_ONCE = 1 << 20


def bounded_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Return the lines from where a stream stands.

    Raises ``OSError`` at a line of over ``MAX_LINE_BYTES``, before it is read whole.
    """
    # Python's own iteration is the fastest there is and takes lines of any length. That there is no
    # long one is seen by looking for one line end in every so many bytes: near none of the file is read.
    if not isinstance(stream, gzip.GzipFile) and stream.seekable() and _has_line_ends(stream):
        return stream
    return _checked(stream)


def told(lines: Iterator[bytes], stream: IO[bytes], progress: Progress) -> Iterator[bytes]:
    """Return the ``bounded_lines`` of a stream, and tell from time to time how much of them has been read."""
    if lines is not stream:
        return lines

    def chunks() -> Iterator[list[bytes]]:
        while chunk := stream.readlines(_AT_ONCE):
            yield chunk
            progress(sum(map(len, chunk)))

    return chain.from_iterable(chunks())


def _has_line_ends(stream: IO[bytes]) -> bool:
    """Whether every stretch of half the longest line, from where a stream stands, has a line end in it."""
    start = stream.tell()
    size = stream.seek(0, 2)
    stretch = MAX_LINE_BYTES // 2
    try:
        return all(_has_line_end(stream, at, stretch) for at in range(start, size - stretch, stretch))
    finally:
        stream.seek(start)


def _has_line_end(stream: IO[bytes], at: int, stretch: int) -> bool:
    stream.seek(at)
    return any(b"\n" in stream.read(_PEEK) for _ in range(stretch // _PEEK))


def _checked(stream: IO[bytes]) -> Iterator[bytes]:
    for raw in iter(partial(stream.readline, MAX_LINE_BYTES + 1), b""):
        if len(raw) > MAX_LINE_BYTES:
            raise OSError(f"a line of over {MAX_LINE_BYTES >> 20} MiB")
        yield raw
