"""What must hold of every converter: plain functions that raise ``LawBroken`` where it does not.

Each takes a converter, one or two values of its source, and a ``conversion``, so that it serves in a
``@given`` test of one's own as well as in ``fuzz``. A crash on the way is reported as the law ``runs``, an
output that is no value of the target as the law ``valid_output``, whichever law is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.comparing import Difference, differences
from pytest_visionfmt.conversions import Conversion, LawBroken, conversion
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.fuzzing.callers import Caller
from pytest_visionfmt.fuzzing.calls import Answer
from pytest_visionfmt.fuzzing.failures import is_files
from pytest_visionfmt.tolerance import EXACT

__all__ = [
    "LAWS",
    "Conversion",
    "LawBroken",
    "concatenation",
    "conserves",
    "conversion",
    "deterministic",
    "independent",
    "order",
    "rejects",
    "relabel",
    "round_trip",
    "runs",
    "scale",
    "skip_reason",
    "valid_output",
]

Converter = Callable[..., Any] | Caller
_INDEX = re.compile(r"\[[0-9]+\]")


def _first(law: str, found: Any, output: Any, before: str = "") -> None:
    """Raise for the first difference there is."""
    difference: Difference | None = next(iter(found), None)
    if difference is not None:
        raise LawBroken(law, difference.kind, f"{before}{difference.message}", output)


def runs(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where a converter does anything with a valid source but return: it raises, exits, hangs, prints,
    changes the working directory, or returns a value of another type than the target's."""
    judged.outputs(convert, [value])


def valid_output(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where the output has an error in the target format."""
    (output,) = judged.outputs(convert, [value])
    for finding in judged.errors(judged.loaded(output)):
        raise _not_valid(finding, output)
    judged.reading(output)


def _not_valid(finding: Finding, output: Any) -> LawBroken:
    kind = f"{finding.code} {finding.name} at {_INDEX.sub('[*]', finding.path)}"
    where = f"{finding.file}: " if finding.file else ""
    return LawBroken("valid_output", kind, f"{where}{finding}", output)


def conserves(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where the output shows anything else than the source, but for the declared losses and the tolerance."""
    (output,) = judged.outputs(convert, [value])
    found = judged.reading(output)
    _first("conserves", differences(judged.expected(value), found, judged.terms(judged.to)), output)


def round_trip(convert: Converter, value: Any, judged: Conversion, inverse: Converter) -> None:
    """Fail where there and back again shows anything else than before."""
    (output,) = judged.outputs(convert, [value])
    back = replace(judged, source=judged.to, target=judged.source)
    judged.reading(output)
    (returned,) = back.answers(inverse, [judged.loaded(output)])
    if returned.kind != "returned":
        raise LawBroken("round_trip", returned.kind, f"the inverse fails: {returned.message}", output)
    again = back.reading(back.output(returned))
    terms = replace(judged.terms(judged.to), tolerance=judged.tolerance.twice())
    found = differences(judged.expected(value), again, terms)
    _first("round_trip", found, output, "there and back, ")


def deterministic(convert: Converter, value: Any, judged: Conversion, elsewhere: Converter | None = None) -> None:
    """Fail where the same source gives another output the second time, or in another process.

    ``elsewhere`` calls the converter in a process with another ``PYTHONHASHSEED``.
    """
    first, second = judged.outputs(convert, [value, value])
    if first != second or repr(first) != repr(second):
        raise LawBroken("deterministic", "second-call", f"the second call differs: {_apart(first, second)}", first)
    if elsewhere is not None:
        (other,) = judged.outputs(elsewhere, [value])
        if first != other or repr(first) != repr(other):
            message = f"another PYTHONHASHSEED gives another output: {_apart(first, other)}"
            raise LawBroken("deterministic", "hash-seed", message, first)


def independent(convert: Converter, value: Any, other: Any, judged: Conversion) -> None:
    """Fail where a call changes its argument, or a later call the result of an earlier one, or what it gives."""
    alone, answer = judged.answers(convert, [other, value])
    for which in (alone, answer):
        judged.output(which)
    if not (alone.untouched and answer.untouched):
        raise LawBroken("independent", "argument-changed", "the call changed its own argument", answer.value)
    if not alone.lasting:
        message = "a second call changed the result of the first"
        raise LawBroken("independent", "result-changed", message, alone.value)
    (again,) = judged.outputs(convert, [other])
    if again != alone.value or repr(again) != repr(alone.value):
        message = f"after another call the same source gives another output: {_apart(alone.value, again)}"
        raise LawBroken("independent", "state-kept", message, again)


def order(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where the order of what is converted makes a difference to what it becomes."""
    beside = judged.beside(value)
    pair = [value, judged.source.reverse(value)]
    output, turned = judged.outputs(convert, pair, [beside, beside[::-1]])
    expected, found = judged.reading(output), judged.reading(turned)
    if judged.exact_terms(EXACT).by_place:
        found = found[::-1]
    _first("order", differences(expected, found, judged.exact_terms(EXACT)), output, "in reverse order, ")


def concatenation(convert: Converter, value: Any, other: Any, judged: Conversion) -> None:
    """Fail where two datasets give something else together than apart."""
    second, together = judged.source.join(value, other)
    first = judged.beside(value)
    more = judged.beside(second, len(first) + 1)
    apart_a, apart_b, joined = judged.outputs(convert, [value, second, together], [first, more, (*first, *more)])
    expected = [*judged.reading(apart_a), *judged.reading(apart_b)]
    found = differences(expected, judged.reading(joined), judged.exact_terms(EXACT))
    _first("concatenation", found, joined, "together with another dataset, ")


def relabel(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where renaming a class does anything but rename it in the output."""
    labels = list(dict.fromkeys(item.label for image in judged.source.read(value) for item in image.objects))
    if not labels:
        return
    old = labels[0]
    new: str | int = "z" if isinstance(old, str) else 1000
    while new in labels:
        new = f"{new}z" if isinstance(new, str) else new + 1
    changed = judged.source.relabel(value, {old: new})
    if new not in {item.label for image in judged.source.read(changed) for item in image.objects}:
        return  # a format of one's own, of which nobody says where its classes stand
    output, renamed = judged.outputs(convert, [value, changed])
    expected = [
        replace(image, objects=tuple(replace(o, label=new if o.label == old else o.label) for o in image.objects))
        for image in judged.reading(output)
    ]
    found = differences(expected, judged.reading(renamed), judged.exact_terms(EXACT))
    _first("relabel", found, renamed, f"with the class {old!r} renamed to {new!r}, ")


def scale(convert: Converter, value: Any, judged: Conversion) -> None:
    """Fail where twice the pixels everywhere, sizes as well, give other ratios.

    Coordinates in pixels are made whole numbers first, so that an honest rounding makes no difference.
    """
    pair = judged.source.double(value)
    if pair is None:
        return
    once, twice = judged.outputs(convert, list(pair))
    expected, found = _doubled(judged.reading(once)), judged.reading(twice)
    rounds = judged.to.pixels and not judged.source.pixels
    terms = judged.exact_terms(judged.tolerance.twice() if rounds else EXACT)
    _first("scale", differences(expected, found, terms), twice, "with twice the pixels, ")


def _doubled(images: Sequence[AnnotatedImage]) -> list[AnnotatedImage]:
    return [
        replace(image, width=image.width and 2 * image.width, height=image.height and 2 * image.height)
        for image in images
    ]


def rejects(convert: Converter, value: Any, judged: Conversion, why: str = "it is not valid") -> None:
    """Fail where a source that is not valid raises another error than declared, or loses data without a word.

    Converting it whole is no failure: a converter need not look at what it does not use.
    """
    (answer,) = judged.answers(convert, [value])
    if answer.kind == "raised":
        if not _declared(answer, judged):
            declared = ", ".join(kind.__name__ for kind in judged.raises) or "nothing"
            kind = f"{answer.error[0].removeprefix('builtins.')} at {answer.place}"
            message = f"where {why}, it raised {answer.message} ({answer.place}), not {declared}"
            raise LawBroken("rejects", kind, message)
        return
    if answer.kind != "returned":
        raise LawBroken("rejects", answer.kind, f"where {why}: {answer.message}")
    if judged.target is None:
        return
    held = _entries(value)
    try:
        output = judged.output(answer)
        if errors := judged.errors(judged.loaded(output)):
            raise _not_valid(errors[0], output)
        shown = judged.reading(output)
    except LawBroken as error:
        message = f"where {why}, it went through without an error, and what came out is wrong: {error.message}"
        raise LawBroken("rejects", f"silent {error.kind}", message, answer.value) from None
    kept = sum(1 + len(image.objects) for image in shown)
    if kept < held:
        message = f"where {why}, it dropped {held - kept} of {held} images and objects without an error"
        raise LawBroken("rejects", "dropped", message, answer.value)


def _declared(answer: Answer, judged: Conversion) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" in answer.error for kind in judged.raises)


def _entries(value: Any) -> int:
    """Return how many images and objects a value holds, valid or not."""
    if isinstance(value, dict) and ("images" in value or "annotations" in value):
        lists = [value.get("images"), value.get("annotations")]
        return sum(len(found) for found in lists if isinstance(found, list))
    if is_files(value):
        return sum(_entries(text) for text in value.values() if isinstance(text, str))
    if isinstance(value, str):
        return value.count("</object>") + ("</annotation>" in value)
    if isinstance(value, list):
        return sum(_entries(item) for item in value)
    if not isinstance(value, dict) or not value:
        return 0
    # Under whatever key, so that one which is misspelt counts as well.
    objects = [sum(isinstance(item, dict) for item in found) for found in value.values() if isinstance(found, list)]
    label = value.get("label")
    return 1 + max([len(label) if isinstance(label, list) else 0, *objects])


def _apart(a: Any, b: Any, path: str = "") -> str:
    """Return the first place where two outputs differ, in words."""
    if isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            return f"the keys{f' of {path}' if path else ''} are {list(a)} and {list(b)}"
        return next((_apart(a[key], b[key], f"{path}.{key}") for key in a if a[key] != b[key]), "in how it is written")
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"the list{path and f' at {path}'} has {len(a)} items and {len(b)}"
        differing = (_apart(x, y, f"{path}[{i}]") for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
        return next(differing, "in how it is written")
    return f"{path or 'it'} is {a!r:.80} and {b!r:.80}"


LAWS: dict[str, Callable[..., None]] = {
    "runs": runs,
    "valid_output": valid_output,
    "conserves": conserves,
    "round_trip": round_trip,
    "deterministic": deterministic,
    "independent": independent,
    "order": order,
    "concatenation": concatenation,
    "relabel": relabel,
    "scale": scale,
    "rejects": rejects,
}
"""All laws by their name, in the order in which they are tried."""

_NEED_A_TARGET = frozenset({"valid_output", "conserves", "round_trip", "order", "concatenation", "relabel", "scale"})


def skip_reason(law: str, judged: Conversion, *, has_inverse: bool) -> str:
    """Return why a law does not apply to a conversion, an empty string where it does."""
    source, target = judged.source, judged.target
    if target is None:
        return "there is no target to judge by" if law in _NEED_A_TARGET else ""
    if law == "round_trip" and not has_inverse:
        return "there is no inverse"
    if law in ("conserves", "round_trip"):
        if source.every_class != target.every_class:
            return f"a {source.id if source.every_class else target.id} has every class, whatever the image shows"
        if source.boxes and target.single:
            return f"a {target.id} has one class an image, which cannot say the objects of a {source.id}"
        if target.boxes and not source.boxes:
            return f"a {source.id} has no boxes, so nothing says where those of a {target.id} belong"
        if not source.single and target.single:
            return f"a {target.id} has exactly one class, and a {source.id} any number"
    if law == "concatenation":
        if judged.unit == "record":
            return "one value at a time is converted"
        if not source.joins:
            return f"no two of a {source.id} can be made one"
    if law == "order" and judged.unit == "folder" and not source.names_images:
        return f"which image is which of a {source.id} only their order tells"
    if law == "relabel" and source.closed:
        return f"the classes of a {source.id} are those of a fixed list"
    if law == "scale":
        if not source.pixels and "size" not in source.carries:
            return f"a {source.id} says neither pixels nor sizes"
        if judged.unit == "folder" and not source.pixels:
            return "the image files would not have the sizes of the records"
    return ""
