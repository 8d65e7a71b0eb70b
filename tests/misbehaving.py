"""Converters that misbehave. A worker process imports them again and again, so nothing heavy stands here."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

from mutants import converter

right = converter("coco_azure", "to_detection")


def exits(document: Any) -> Any:
    sys.exit(3)


def ends_the_interpreter(document: Any) -> Any:
    os._exit(4)


def loops(document: Any) -> Any:
    while True:
        pass


def loops_in_c(document: Any) -> Any:
    ctypes.PyDLL(None).pause()  # with the interpreter locked: no signal handler of Python's would ever run


def prints(document: Any) -> Any:
    print("converting")
    return right(document)


def prints_below_python(document: Any) -> Any:
    os.write(1, b"converting")
    return right(document)


def moves(document: Any) -> Any:
    os.chdir("/")
    return right(document)


def returns_nothing(document: Any) -> Any:
    return None


def returns_numpy(document: Any) -> Any:
    import numpy as np  # here, since it costs more to import than all else

    records = right(document)
    records[0]["image_details"]["width"] = np.int64(7)
    return records


def crashes(document: Any) -> Any:
    ctypes.string_at(0)
