"""Assertions for tests: they fail with the findings, or the differences, each at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pytest_visionfmt.annotation_diffs import annotation_lines, comparison_terms
from pytest_visionfmt.checking import check_record
from pytest_visionfmt.comparing_objects import number_of
from pytest_visionfmt.exchange import check_exchange
from pytest_visionfmt.facets import check_losses
from pytest_visionfmt.findings import Finding, InvalidRecord, Severity
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.prediction_diffs import prediction_lines
from pytest_visionfmt.shown import CORNERS, Shown, shown
from pytest_visionfmt.tolerance import EXACT, Tolerance

__all__ = [
    "AnnotationsDiffer",
    "assert_exchange",
    "assert_predictions_close",
    "assert_same_annotations",
    "assert_valid",
]

_MOST_LINES = 40


class AnnotationsDiffer(AssertionError):
    """Two values do not show the same; ``differences`` says what each one is, a line for each."""

    def __init__(self, summary: str, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        lines = [f"  {line}" for line in self.differences[:_MOST_LINES]]
        if more := len(self.differences) - len(lines):
            lines.append(f"  and {more} more")
        super().__init__("\n".join([f"{summary}, {number_of(len(self.differences), 'difference')} (a -> b):", *lines]))


def assert_valid(
    value: Any,
    format: str | Format,
    *,
    profile: Profile = "documented",
    strict: bool = False,
) -> None:
    """Fail unless a record or document has no error in its format; with ``strict``, no warning either.

    Raises ``InvalidRecord``, an ``AssertionError`` whose ``findings`` are the offending ones.
    """
    __tracebackhide__ = True
    if offending := _offending(check_record(value, format, profile=profile), strict):
        raise InvalidRecord(f"not a valid {named(format).id} ({profile} profile):", offending)


def assert_exchange(
    request: Any,
    response: Any,
    *,
    task: str,
    classes: Iterable[str | int] | None = None,
    profile: Profile = "documented",
    strict: bool = False,
) -> None:
    """Fail unless a request to an endpoint has no error, nor its response, alone and beside the request.

    Arguments are those of ``check_exchange``; with ``strict``, warnings fail as well. Raises
    ``InvalidRecord``, an ``AssertionError`` whose ``findings`` are the offending ones.
    """
    __tracebackhide__ = True
    findings = check_exchange(request, response, task=task, classes=classes, profile=profile)
    if offending := _offending(findings, strict):
        raise InvalidRecord(f"not a valid exchange of {task} ({profile} profile):", offending)


def _offending(findings: Iterable[Finding], strict: bool) -> list[Finding]:
    worst = Severity.WARNING if strict else Severity.ERROR
    return [finding for finding in findings if finding.severity.rank >= worst.rank]


def assert_same_annotations(
    a: Any,
    b: Any,
    tolerance: Tolerance = EXACT,
    *,
    format: str | Format | None = None,
    losses: Collection[str] = frozenset(),
) -> None:
    """Fail unless two values show the same objects in the same pictures.

    * ``a`` and ``b`` are records or documents, lists of records, or what ``read`` returns: the two need not be
      of one format.
    * ``tolerance`` is how far coordinates may be off, ``px(0.5)`` for half a pixel; by default not at all.
    * ``format`` is the id of their format, or a ``Format`` of your own; None tells that of each from its keys.
    * ``losses`` are what may differ: crowd, folders, size, polygon, holes, empty-images, difficult, score, format.

    Images go together by their names, objects by what is most alike, in whatever order they stand. What the format
    of either side cannot say is not compared. Raises ``AnnotationsDiffer``, an ``AssertionError`` whose
    ``differences`` say in words what was in ``a`` and is in ``b``; ``InvalidRecord`` for what cannot be read; and
    ``ValueError`` where no format is given and none is known, or there is no such loss.
    """
    __tracebackhide__ = True
    if not isinstance(tolerance, Tolerance):
        raise TypeError(f"tolerance={tolerance!r} is not a Tolerance; px({tolerance!r}) is one in pixels")
    may_differ = check_losses(losses)
    before, after = shown(a, format, "a"), shown(b, format, "b")
    terms = comparison_terms(before.images, after.images, tolerance, before.facets & after.facets, may_differ)
    if lines := annotation_lines(before.images, after.images, terms, _corners(before, after)):
        within = "" if tolerance == EXACT else f" within {tolerance.pixels:g} px"
        raise AnnotationsDiffer(f"not the same annotations{within}", lines)


def assert_predictions_close(
    a: Any, b: Any, *, iou: float = 0.9, score: float = 0.01, format: str | Format | None = None
) -> None:
    """Fail unless two responses to one request say nearly the same.

    * ``a`` and ``b`` are responses, or what ``read`` returns of them; image by image in their order.
    * ``iou`` is the least intersection over union of two boxes, and of their outlines where both have one, that
      are taken for the same object.
    * ``score`` is how far the scores of an object, or the probabilities of a class, may be apart.
    * ``format`` is the id of their format, or a ``Format`` of your own; None tells that of each from its keys.

    Objects go together by class and place, in whatever order they stand: as many as can be. Explanations are not
    compared. Raises ``AnnotationsDiffer``, an ``AssertionError`` whose ``differences`` say in words what was in
    ``a`` and is in ``b``; ``InvalidRecord`` for what cannot be read; and ``ValueError`` where no format is given
    and none is known, or a bound is not in [0, 1].
    """
    __tracebackhide__ = True
    for name, bound in (("iou", iou), ("score", score)):
        if not 0 <= bound <= 1:
            raise ValueError(f"{name}={bound!r} is not in [0, 1]")
    before, after = shown(a, format, "a"), shown(b, format, "b")
    if lines := prediction_lines(before.images, after.images, iou, score, _corners(before, after)):
        raise AnnotationsDiffer(f"not close predictions, IoU of {iou:g} at least and scores within {score:g}", lines)


def _corners(*sides: Shown) -> Sequence[str]:
    """Return what either side calls the edges of a box where its format has names for them."""
    return next((side.corners for side in sides if side.corners != CORNERS), CORNERS)
