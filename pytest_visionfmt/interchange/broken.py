"""Values that are not valid, each for one reason that the schema gives: what a converter has to refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pytest_visionfmt.findings import Finding, Severity
from pytest_visionfmt.format import Format
from pytest_visionfmt.json_paths import Path, render, value_at
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.values import fresh

__all__ = ["broken_values", "has_error"]


def has_error(findings: tuple[Finding, ...]) -> bool:
    """Whether there is an error among findings."""
    return any(finding.severity == Severity.ERROR for finding in findings)


def broken_values(
    value: Any, format_: Format, check: Callable[[Any], tuple[Finding, ...]]
) -> Iterator[tuple[Any, str]]:
    """Yield copies of a valid value with a required key left out, or a value of another type, and what was done."""
    for path, node in _places(value, nodes_of(format_, "documented"), ()):
        here = value_at(value, path)
        if isinstance(here, dict):
            for key in node.required:
                broken = fresh(value)
                value_at(broken, path).pop(key, None)
                if has_error(check(broken)):
                    yield broken, f"{render((*path, key))} is missing"
        if path and node.types:
            others: tuple[Any, ...] = (None, "x", 7, [], {})
            for other in others:
                if type(other) is type(here):
                    continue
                broken = fresh(value)
                value_at(broken, path[:-1])[path[-1]] = other
                if has_error(check(broken)):
                    yield broken, f"{render(path)} is {other!r}"
                    break


def _places(value: Any, node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    """Yield every place of a value that its schema speaks of, only the first item of each list."""
    yield path, node
    if isinstance(value, dict):
        for key, child in node.properties.items():
            if key in value:
                yield from _places(value[key], child, (*path, key))
    elif isinstance(value, list) and value and node.items is not None:
        yield from _places(value[0], node.items, (*path, 0))
