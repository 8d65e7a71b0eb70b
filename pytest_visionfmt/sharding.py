"""One large file in shards: ranges of its bytes, read side by side and merged to the part of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import reduce
from itertools import chain, pairwise
from pathlib import Path
from typing import IO

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.line_reading import MAX_LINE_BYTES, Progress, bounded_lines
from pytest_visionfmt.parsing import encoding_fact
from pytest_visionfmt.parts import Part

__all__ = ["SHARD_BYTES", "read_in_shards", "read_shard", "shard_lines"]

SHARD_BYTES = 1 << 25
_AT_ONCE = 1 << 20


def read_in_shards(
    path: Path,
    format_: Format,
    profile: Profile,
    max_findings: int,
    executor: Executor,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress | None = None,
) -> Part | None:
    """Return the part of all lines of a file, read in shards; None where that would not say the same as one pass.

    That is so where a file is small, of another encoding, cannot be read to its end, or has a value that
    is spread over the lines where two shards meet. The executor's workers must see the file under the
    same name, and for processes the format must be one that can be pickled: any of the table can.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        if size <= shard_bytes or encoding_fact(stream.read(4)):
            return None
    cuts = [*range(0, size, shard_bytes), None]  # the last one reads on, if the file has grown
    futures = [
        executor.submit(read_shard, str(path), format_, profile, max_findings, start or 0, end)
        for start, end in pairwise(cuts)
    ]
    parts = []
    try:
        for start, future in zip(cuts, futures, strict=False):
            parts.append(replace(future.result(), format=format_))
            if progress:
                progress(min(shard_bytes, size - (start or 0)))
    except OSError:
        return None
    finally:
        for future in futures:
            future.cancel()
    if any(part.open_at_end for part in parts[:-1]):
        return None
    return reduce(Part.merge, parts)


def read_shard(path: str, format_: Format, profile: Profile, max_findings: int, start: int, end: int | None) -> Part:
    """Return the part of the lines of a file that begin in a range of its bytes; what a worker runs."""
    part = Part.empty(format_, profile, max_findings)
    part.share()
    with open(path, "rb") as stream:
        part.read(shard_lines(stream, start, end), at_start=start == 0)
    return part


def shard_lines(stream: IO[bytes], start: int, end: int | None) -> Iterator[bytes]:
    """Return the lines that begin from ``start`` on and before ``end``, each whole."""
    if start:
        stream.seek(start - 1)
        while not (raw := stream.readline(MAX_LINE_BYTES)).endswith(b"\n"):
            if not raw:
                break
    lines = bounded_lines(stream)
    if end is None:
        return lines
    if lines is stream:
        return chain.from_iterable(_chunks(stream, stream.tell(), end))
    return _up_to(lines, stream.tell(), end)


def _chunks(stream: IO[bytes], at: int, end: int) -> Iterator[list[bytes]]:
    # A hint of n bytes takes lines until they are more than n, and one of 0 takes all there are.
    while end - at > 1 and (chunk := stream.readlines(min(_AT_ONCE, end - at - 1))):
        at += sum(map(len, chunk))
        yield chunk
    if end - at == 1:
        yield stream.readlines(1)[:1]


def _up_to(lines: Iterator[bytes], at: int, end: int) -> Iterator[bytes]:
    while at < end and (raw := next(lines, b"")):
        at += len(raw)
        yield raw
