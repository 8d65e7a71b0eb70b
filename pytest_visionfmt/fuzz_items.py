"""Fuzzing in pytest: a converter is collected as one item for each law."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_visionfmt.fuzzing.corpus import DEFAULT_CORPUS
from pytest_visionfmt.fuzzing.failures import FuzzReport
from pytest_visionfmt.fuzzing.fuzz import fuzz
from pytest_visionfmt.fuzzing.targets import FuzzTarget
from pytest_visionfmt.laws import LAWS

__all__ = ["ConverterNode", "LawItem", "converters"]


class ConverterNode(pytest.Collector):
    """A converter, with an item for each law."""

    target: FuzzTarget
    options: dict[str, Any]

    def collect(self) -> Iterable[pytest.Item]:
        for law in LAWS:
            yield LawItem.from_parent(self, name=law)


class LawsBroken(Exception):
    """A converter breaks the law of its item."""

    def __init__(self, report: FuzzReport) -> None:
        super().__init__(report.converter)
        self.report = report


class LawItem(pytest.Item):
    """One law of one converter."""

    parent: ConverterNode

    def runtest(self) -> None:
        node = self.parent
        corpus = self.config.rootpath / DEFAULT_CORPUS
        promise = node.target.promise()
        report = fuzz(node.target.function(), only=[self.name], corpus=corpus, **promise, **node.options)
        if reason := report.skipped.get(self.name):
            pytest.skip(reason)
        self.user_properties.append(("visionfmt_examples", report.examples[self.name]))
        self.user_properties.append(("visionfmt_seed", report.seed))
        if report.fixed:
            self.add_report_section("call", "visionfmt", "\n".join(f"fixed: {name}" for name in report.fixed))
        if not report.ok:
            raise LawsBroken(report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, LawsBroken):
            return BrokenRepr(excinfo.value.report)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.config.rootpath, None, f"{self.parent.target}: {self.name}"


class _Crash(NamedTuple):
    """What pytest prints behind FAILED in its short summary."""

    message: str

    def __str__(self) -> str:
        return self.message


class BrokenRepr:
    """The failures of one law, each with its smallest source and how to see it again."""

    def __init__(self, report: FuzzReport) -> None:
        self._failures = report.failures
        self._seed = report.seed
        self.reprcrash = _Crash(report.failures[0].message.replace("\n", " "))

    def _text(self) -> Iterable[tuple[str, bool]]:
        for failure in self._failures:
            yield str(failure), True
            yield "\nTo see it again:\n", False
            yield failure.reproduce, False
        yield f"seed {self._seed}", False

    def __str__(self) -> str:
        return "\n".join(text for text, _ in self._text())

    def toterminal(self, tw: Any) -> None:
        for text, bad in self._text():
            first, *rest = text.split("\n")
            tw.line(first, red=bad)
            for line in rest:
                tw.line(line)


def converters(
    session: pytest.Session, targets: Iterable[FuzzTarget], options: dict[str, Any]
) -> Iterable[pytest.Item]:
    """Yield the items of all converters; modules are looked for from where pytest was started, too."""
    folder = str(session.config.invocation_params.dir)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    for target in targets:
        try:
            target.promise()
            target.function()
        except ValueError as error:
            raise pytest.UsageError(f"visionfmt fuzz: {error}") from None
        node: ConverterNode = ConverterNode.from_parent(session, name=str(target), nodeid=str(target))
        node.target, node.options = target, options
        yield from session.genitems(node)
