"""What fuzzing found: failures, each distinct one once, and the report that holds them."""

from __future__ import annotations

import pprint
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from pytest_visionfmt.conversions import Conversion
from pytest_visionfmt.fuzzing.callers import importable
from pytest_visionfmt.tolerance import px

__all__ = ["Failure", "FuzzReport", "is_files", "reproduction", "spelled"]

_WIDTH = 110
_LONGEST_SOURCE = 4000


@dataclass(frozen=True)
class Failure:
    """One way in which a converter breaks a law, on the smallest source that was found to show it.

    ``message`` says what was in the picture and what came out, ``reproduce`` is Python that shows it again,
    and ``seed`` what ``fuzz`` was seeded with. ``kind`` is the same for the same bug, and ``arguments`` are all
    values that the law was judged on, ``source`` being the first. ``examples`` were tried before it showed.
    """

    law: str
    message: str
    source: Any
    output: Any
    seed: int
    reproduce: str
    kind: str = ""
    arguments: tuple[Any, ...] = ()
    examples: int = 0

    def __str__(self) -> str:
        lines = [f"{self.law}: {self.message}", "", "The smallest source that shows it:", "", spelled(self.source)]
        if len(self.arguments) > 1 and self.law != "rejects":
            lines += ["", "with:", "", *(spelled(value) for value in self.arguments[1:])]
        return "\n".join(lines)


@dataclass
class FuzzReport:
    """What came of fuzzing one converter.

    ``examples`` counts, by law, what was tried, and ``passed_over`` what of it could not be judged because the
    converter crashed or what came out could not be read; ``seconds`` how long that took; ``skipped`` says why a law
    does not apply. ``fixed`` names failures of the corpus that no longer fail.
    """

    converter: str
    seed: int
    failures: list[Failure] = field(default_factory=list)
    examples: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    fixed: list[str] = field(default_factory=list)
    out_of_time: bool = False

    @property
    def ok(self) -> bool:
        """Whether no law was seen broken."""
        return not self.failures

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for failure in self.failures:
            yield f"FAILED {failure}"
            yield ""
        for name in self.fixed:
            yield f"fixed: {name} no longer fails"
        for law, count in self.examples.items():
            bad = sum(failure.law == law for failure in self.failures)
            distinct = f", {bad} distinct failures" if bad else ""
            over = self.passed_over.get(law, 0)
            lost = f", {over} of them passed over: see the laws above" if over else ""
            yield f"{'FAILED' if bad else 'passed'}  {law}: {count} examples{distinct}{lost}"
        for law, reason in self.skipped.items():
            yield f"skipped {law}: {reason}"
        if self.out_of_time:
            yield "the time was up before all examples were tried"
        plural = "" if len(self.failures) == 1 else "s"
        yield f"{self.converter}: {len(self.failures) or 'no'} failure{plural}, seed {self.seed}"


def spelled(value: Any) -> str:
    """Return a value as Python, over several lines; the text of a lone file as it is."""
    if isinstance(value, str):
        return value
    if is_files(value) and all(isinstance(text, str) for text in value.values()):
        return "\n".join(f"{path}:\n{text}" for path, text in value.items())
    text = pprint.pformat(value, width=_WIDTH, sort_dicts=False)
    return text if len(text) <= _LONGEST_SOURCE else f"{text[:_LONGEST_SOURCE]}..."


def is_files(value: Any) -> bool:
    """Whether a value is files by their path: XML as text, or what a converter wrote, as bytes."""
    if not isinstance(value, dict) or not value:
        return False
    return all(isinstance(text, bytes) or _is_xml(path, text) for path, text in value.items())


def _is_xml(path: Any, text: Any) -> bool:
    return isinstance(path, str) and isinstance(text, str) and path.lower().endswith(".xml")


def reproduction(
    law: str,
    arguments: tuple[Any, ...],
    judged: Conversion,
    convert: Callable[..., Any],
    inverse: Callable[..., Any] | None = None,
) -> str:
    """Return the source of a test that fails with the same law on the same values, and needs nothing else."""
    call, imports = _named(convert)
    names = ["value", "other"]
    given = [call, *names[: len(arguments)]]
    extra = []
    if law == "rejects":
        given = [call, "value"]
        extra = [f"why={arguments[1]!r}"]
    if law == "round_trip" and inverse is not None:
        name, more = _named(inverse)
        imports += more
        extra = [name]
    shown = arguments[:1] if law == "rejects" else arguments
    body = [f"    {name} = {_indented(value)}" for name, value in zip(names, shown, strict=False)]
    if not all(map(_is_finite, shown)):
        imports.append("from math import inf, nan")
    return "\n".join(
        [
            *dict.fromkeys(imports),
            *(["from pytest_visionfmt import px"] if judged.tolerance != px(0.5) else []),
            f"from pytest_visionfmt.laws import conversion, {law}",
            "",
            "",
            f"def test_{call.rpartition('.')[2].strip('_')}_{law}():",
            *body,
            f"    judged = {_spelled_conversion(judged)}",
            f"    {law}({', '.join([*given, 'judged', *extra])})",
            "",
        ]
    )


def _named(convert: Callable[..., Any]) -> tuple[str, list[str]]:
    found = importable(convert)
    if found is None or found[2]:
        return "convert", ["# convert is the converter that was fuzzed: it has no name to be imported by"]
    module, name, _ = found
    first = name.partition(".")[0]
    return name, [f"from {module} import {first}"]


def _is_finite(value: Any) -> bool:
    """Whether there is no float in a value whose ``repr`` is a name."""
    if isinstance(value, dict | list | tuple):
        return all(map(_is_finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or isfinite(value)


def _indented(value: Any) -> str:
    return pprint.pformat(value, width=_WIDTH, sort_dicts=False).replace("\n", "\n    ")


def _spelled_conversion(judged: Conversion) -> str:
    parts = [repr(judged.source.id)]
    if judged.target is not None:
        parts.append(repr(judged.target.id))
    parts.append(f"unit={judged.unit!r}")
    if judged.losses:
        parts.append(f"losses={sorted(judged.losses)!r}")
    if judged.tolerance != px(0.5):
        parts.append(f"tolerance=px({judged.tolerance.pixels!r}, ratio={judged.tolerance.ratio!r})")
    kinds = tuple(kind.__name__ for kind in judged.raises)
    if kinds != ("ValueError",):
        parts.append(f"raises=({', '.join(kinds)},)")
    return f"conversion({', '.join(parts)})"
