"""Calling a converter and saying what became of it: the part that runs in the worker process.

Nothing heavy is imported here, since the worker is started again whenever a converter takes it down.
"""

from __future__ import annotations

import contextlib
import io
import marshal
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

__all__ = ["Answer", "Foreign", "call", "pack", "plain", "unpack"]

# Equal values give equal bytes: later versions also write which of them are one object.
_MARSHAL = 2
_ATOMS = frozenset({str, float, int, bool, bytes, type(None)})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call.

    ``kind`` is ``returned``, ``raised``, ``exited`` (``sys.exit``), ``died`` (the interpreter did), ``hung``,
    ``printed``, ``moved`` (to another working directory) or ``foreign`` (a value that no file holds).
    ``value`` is what was returned, copied at once. ``error`` names the exception's classes, the
    narrowest first, ``place`` where it was raised and ``message`` the rest in words.
    ``untouched`` says that the argument is as it was, and ``lasting`` that later calls left the result alone.
    """

    kind: str
    value: Any = None
    error: tuple[str, ...] = ()
    message: str = ""
    place: str = ""
    untouched: bool = True
    lasting: bool = True


class Foreign(TypeError):
    """A value of a type that JSON has not; the message names it and its place."""


def pack(value: Any) -> bytes:
    """Return a plain value as bytes."""
    return marshal.dumps(value, _MARSHAL)


def unpack(data: bytes) -> Any:
    """Return the plain value of some bytes."""
    return marshal.loads(data)


def plain(value: Any) -> Any:
    """Return a copy of a value made of plain types; a subclass of one is taken for it, as ``json`` does.

    Raises ``Foreign`` for a value of another type.
    """
    try:
        return _copy(value)
    except Foreign as error:
        # Places are looked for only where they are wanted: most values are plain.
        raise Foreign(f"{error} at {place}" if (place := _place_of_foreign(value)) else str(error)) from None


def _copy(value: Any) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    if isinstance(value, dict):
        return {key if type(key) is str else _key(key): _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if isinstance(value, tuple):
        return tuple(map(_copy, value))
    for base in (str, bool, int, float):
        if isinstance(value, base):
            return base(value)
    raise Foreign(f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", ""))


def _key(key: Any) -> Any:
    if key is None or isinstance(key, str | int | float | bool):
        return key
    raise Foreign(f"a key of type {type(key).__qualname__}")


def _place_of_foreign(value: Any) -> str:
    """Return the path to the first value that is not plain, an empty one where it is the value itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in items:
        try:
            _copy(item)
        except Foreign:
            return f"[{key!r}]{_place_of_foreign(item)}"
    return ""


@dataclass(slots=True)
class _Made:
    """A call that was made, with what has to be looked at again after the later ones."""

    answer: Answer
    argument: Any = None
    packed: bytes = b""
    output: Any = None
    result: bytes = b""


def call(
    convert: Callable[..., Any], packed: Sequence[bytes], captured: Callable[[], str] | None = None
) -> list[Answer]:
    """Call a converter with each of the packed argument lists, in one process, and return the answers.

    ``captured`` returns what was printed since it was last asked; without it, ``sys.stdout`` is watched.
    """
    made = [_call(convert, arguments, captured) for arguments in packed]
    return [_finished(one) for one in made]


def _finished(made: _Made) -> Answer:
    answer = made.answer
    if answer.kind != "returned":
        return answer
    return Answer(
        answer.kind,
        answer.value,
        untouched=_same(made.argument, made.packed),
        lasting=_same(made.output, made.result),
    )


def _same(value: Any, packed: bytes) -> bool:
    try:
        if pack(value) == packed:
            return True
    except ValueError:  # it holds what is not plain, and was taken for what is
        pass
    try:
        return pack(plain(value)) == packed
    except (Foreign, ValueError, RecursionError):
        return False


def _call(convert: Callable[..., Any], packed: bytes, captured: Callable[[], str] | None) -> _Made:
    kind, *arguments = unpack(packed)
    folder = os.getcwd()
    try:
        with _watched(captured) as printed:
            try:
                output = convert(*_given(kind, arguments))
            except SystemExit as error:
                return _Made(Answer("exited", message=f"it called sys.exit({error.code!r})", place=_place(error)))
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                return _Made(_raised(error))
            text = printed()
        if text:
            return _Made(Answer("printed", message=f"it printed {text[:80]!r}"))
        if os.getcwd() != folder:
            return _Made(Answer("moved", message=f"it changed the working directory to {os.getcwd()!r}"))
    finally:
        os.chdir(folder)
    if kind == "folder":  # what it made stands in the folder
        output = None
    try:
        value = plain(output)
        result = pack(value)
    except Foreign as error:
        return _Made(Answer("foreign", message=f"it returned {error}"))
    except (ValueError, RecursionError) as error:
        return _Made(Answer("foreign", message=f"it returned a value that cannot be copied: {error}"))
    return _Made(Answer("returned", value), (kind, *arguments), packed, output, result)


def _given(kind: str, arguments: list[Any]) -> list[Any]:
    """Return the arguments of a call: a value, a value with images, or two folders."""
    if kind == "folder":
        return [Path(argument) for argument in arguments]
    if kind == "images":
        from pytest_visionfmt.annotations import AnnotatedImage

        return [arguments[0], [AnnotatedImage(*image) for image in arguments[1]]]
    return arguments


@contextlib.contextmanager
def _watched(captured: Callable[[], str] | None) -> Iterator[Callable[[], str]]:
    if captured is not None:
        yield captured
        return
    buffer = io.StringIO()
    with contextlib.redirect_stdout(buffer):
        yield buffer.getvalue


def _raised(error: BaseException) -> Answer:
    names = tuple(f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    message = f"{type(error).__name__}: {_text(error)}"
    return Answer("raised", error=names, message=message[:300], place=_place(error))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the message of an exception is its own code
        return "(no message)"


def _place(error: BaseException) -> str:
    """Return the innermost line of the converter that an exception came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith((sys.prefix, sys.base_prefix, "<frozen"))]
    frame = (own or frames)[-1]
    return f"{PurePath(frame.filename).name}:{frame.lineno}"
