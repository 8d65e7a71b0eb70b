"""What a converter promises: from which format to which, what it may lose, and how its calls are made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.comparing import Terms
from pytest_visionfmt.facets import check_losses
from pytest_visionfmt.findings import InvalidRecord, Severity
from pytest_visionfmt.format import Format
from pytest_visionfmt.fuzzing.callers import Caller, InProcess
from pytest_visionfmt.fuzzing.calls import Answer, pack
from pytest_visionfmt.interchange import Interchange, side
from pytest_visionfmt.interchange.interchange import UNITS, ConversionUnit
from pytest_visionfmt.tolerance import Tolerance, px

__all__ = ["Conversion", "LawBroken", "conversion"]

_DOCUMENT_IMAGE = (640, 480, "jpg")


class LawBroken(AssertionError):
    """A converter does not keep a law.

    ``law`` is the name of the law, ``kind`` what is wrong in a word, the same for the same bug, and
    ``output`` what the converter returned, where it did.
    """

    def __init__(self, law: str, kind: str, message: str, output: Any = None) -> None:
        super().__init__(f"{law}: {message}")
        self.law, self.kind, self.message, self.output = law, kind, message, output


@dataclass(frozen=True, eq=False)
class Conversion:
    """From what to what a converter converts; made by ``conversion``."""

    source: Interchange
    target: Interchange | None
    unit: ConversionUnit = "dataset"
    losses: frozenset[str] = frozenset()
    tolerance: Tolerance = field(default_factory=lambda: px(0.5))
    raises: tuple[type[BaseException], ...] = (ValueError,)

    @property
    def to(self) -> Interchange:
        """The target, where there is one."""
        if self.target is None:
            raise ValueError("there is no target to judge by: name one")
        return self.target

    def terms(self, other: Interchange, tolerance: Tolerance | None = None) -> Terms:
        """Return what the source's values are compared by with those of another format."""
        return Terms(
            tolerance or self.tolerance,
            self.source.carries & other.carries,
            self.losses,
            by_place=self.unit == "record" or not self.source.names_images or not other.names_images,
            boxes=self.source.boxes and other.boxes,
            sizes_told=self.unit == "folder",
        )

    def exact_terms(self, tolerance: Tolerance) -> Terms:
        """Return what two outputs of one converter are compared by."""
        by_place = self.unit == "record" or not self.to.names_images
        # Where folders are lost, outputs have images of one name, and which is which only their content tells.
        return Terms(tolerance, self.to.carries, self.losses & {"folders"}, by_place=by_place, boxes=self.to.boxes)

    # Calls.

    def answers(self, convert: Callable[..., Any] | Caller, values: Sequence[Any]) -> list[Answer]:
        """Return what becomes of calling a converter with each value, one after the other in one process."""
        caller = InProcess(convert) if callable(convert) else convert
        if self.unit == "folder":
            return [_in_folder(caller, self.source, value) for value in values]
        return caller.run([pack(self._arguments(value)) for value in values])

    def outputs(self, convert: Callable[..., Any] | Caller, values: Sequence[Any]) -> list[Any]:
        """Return the outputs for some values; raises ``LawBroken`` for the law ``runs`` where there is none."""
        return [self.output(answer) for answer in self.answers(convert, values)]

    def output(self, answer: Answer) -> Any:
        """Return the output of an answer; raises ``LawBroken`` for the law ``runs`` where there is none."""
        if answer.kind == "raised":
            kind = f"{answer.error[0].removeprefix('builtins.')} at {answer.place}"
            raise LawBroken("runs", kind, f"it raised {answer.message} ({answer.place}) on a valid source")
        if answer.kind != "returned":
            raise LawBroken("runs", answer.kind, answer.message)
        if self.target is None or self.unit == "folder":
            return answer.value
        if why := self.target.shape(answer.value, self.unit):
            raise LawBroken("runs", "wrong-type", f"it returned {why}", answer.value)
        return answer.value

    def loaded(self, output: Any) -> Any:
        """Return the value that an output is: that of a folder is in its files."""
        if self.unit != "folder":
            return output
        try:
            return self.to.load(output)
        except (ValueError, RecursionError) as error:
            raise LawBroken("valid_output", "unreadable", f"the files cannot be read: {error}", output) from None

    def errors(self, value: Any) -> list[Any]:
        """Return the findings on an output that are errors."""
        return [finding for finding in self.to.check(value) if finding.severity == Severity.ERROR]

    def reading(self, output: Any) -> list[AnnotatedImage]:
        """Return what an output shows; raises ``LawBroken`` for the law ``valid_output`` where it cannot be read."""
        value = self.loaded(output)
        try:
            return self.to.read(value)
        except (InvalidRecord, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise LawBroken("valid_output", "unreadable", f"it cannot be read: {error}", output) from None

    def expected(self, value: Any) -> list[AnnotatedImage]:
        """Return what a source shows, with the names and sizes that the converter is told beside it."""
        images = self.source.read(value)
        if self.source.names_images:
            return images
        told = _images_beside(len(images))
        return [AnnotatedImage(*beside[:4], image.objects) for beside, image in zip(told, images, strict=True)]

    def _arguments(self, value: Any) -> tuple[Any, ...]:
        if self.source.names_images:
            return "value", value
        try:
            count = len(self.source.read(value))
        except (ValueError, InvalidRecord):
            count = 1
        return "images", value, _images_beside(count)


def _images_beside(count: int) -> tuple[tuple[str, int, int, str], ...]:
    width, height, type_ = _DOCUMENT_IMAGE
    return tuple((f"images/{i}.{type_}", width + i, height + 2 * i, type_) for i in range(1, count + 1))


def _in_folder(caller: Caller, source: Interchange, value: Any) -> Answer:
    """Return the answer of a call with folders; its value is the files that it made."""
    with _folders() as (given, made):
        source.write(value, given)
        before = _tree(given)
        (answer,) = caller.run([pack(("folder", str(given), str(made)))])
        if answer.kind != "returned":
            return answer
        return Answer("returned", _tree(made), untouched=_tree(given) == before)


@contextmanager
def _folders() -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory(prefix="visionfmt-", ignore_cleanup_errors=True) as folder:
        given, made = Path(folder, "source"), Path(folder, "target")
        given.mkdir()
        made.mkdir()
        yield given, made


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def conversion(
    source: str | Format | Interchange,
    target: str | Format | Interchange | None = None,
    *,
    unit: ConversionUnit = "dataset",
    losses: Collection[str] = frozenset(),
    tolerance: Tolerance | None = None,
    raises: type[BaseException] | tuple[type[BaseException], ...] = (ValueError,),
) -> Conversion:
    """Return what a converter promises, for the laws to judge it by.

    * ``source`` and ``target`` are ids of formats, interchange formats among them, or a ``Format`` of your
      own with a ``read``. Without a target, only laws that need none can be judged.
    * ``unit`` is what the converter is handed: a ``"record"``, a ``"dataset"``, or a ``"folder"``.
    * ``losses`` are what may be lost: crowd, folders, size, polygon, holes, empty-images, difficult,
      score, format.
    * ``tolerance`` is how far coordinates may be off, half a pixel by default.
    * ``raises`` is what the converter raises on data that is not valid.

    Raises ``ValueError`` for a format, a unit or a loss that there is not.
    """
    if unit not in UNITS:
        raise ValueError(f"unknown unit {unit!r}: choose from {', '.join(map(repr, UNITS))}")
    kinds = raises if isinstance(raises, tuple) else (raises,)
    to = None if target is None else side(target)
    return Conversion(side(source), to, unit, check_losses(losses), tolerance or px(0.5), kinds)
