"""The worker process: it imports a converter once, calls it as often as it is asked, and may be killed.

Run as a program by ``callers``. Requests come through the standard input it was started with and
answers go through its standard output, both moved out of the converter's reach first.
"""

from __future__ import annotations

import importlib
import os
import runpy
import struct
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any

from pytest_visionfmt.fuzzing.calls import call, pack, unpack

__all__ = ["main", "receive", "send", "serve"]

_LENGTH = struct.Struct("!I")


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message."""
    data = pack(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Return the next message; raises ``EOFError`` where the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return unpack(data)


def _loaded(module: str, name: str, path: str) -> Callable[..., Any]:
    """Return the converter; ``path`` is the file of a script that was run, not imported."""
    if path:
        found: Any = runpy.run_path(path, run_name="__visionfmt_fuzz__")[name.partition(".")[0]]
        rest = name.partition(".")[2]
    else:
        found, rest = importlib.import_module(module), name
    for part in filter(None, rest.split(".")):
        found = getattr(found, part)
    converter: Callable[..., Any] = found
    return converter


def serve(requests: IO[bytes], answers: IO[bytes], converter: Callable[[], Callable[..., Any]]) -> None:
    """Answer requests until there are no more; the converter's output goes to a file that is looked at."""
    output = tempfile.TemporaryFile()
    sys.stdout.flush()
    os.dup2(output.fileno(), 1)
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    seen = 0

    def captured() -> str:
        nonlocal seen
        sys.stdout.flush()
        size = os.fstat(output.fileno()).st_size
        if size == seen:
            return ""
        output.seek(seen)
        text = output.read(size - seen).decode("utf-8", "backslashreplace")
        output.seek(size)
        seen = size
        return text

    convert = converter()
    captured()
    send(answers, "ready")
    while True:
        try:
            packed = receive(requests)
        except EOFError:
            return
        captured()
        found = call(convert, packed, captured)
        send(answers, [(a.kind, a.value, a.error, a.message, a.place, a.untouched, a.lasting) for a in found])


def main() -> None:
    """Serve over the standard streams, the converter named by the arguments."""
    module, name, path = sys.argv[1:4]
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.path[:] = receive(requests)
    serve(requests, answers, lambda: _loaded(module, name, path))


if __name__ == "__main__":
    main()
