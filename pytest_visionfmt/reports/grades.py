"""The grade of a validator in words: a table of rules, and what was not caught, each with an example."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from pytest_visionfmt.json_paths import render
from pytest_visionfmt.reports.text import table
from pytest_visionfmt.values import printable

if TYPE_CHECKING:
    from pytest_visionfmt.grading import Grade, Graded

__all__ = ["grade_lines"]

_OUTCOMES: tuple[Literal["rejected", "accepted", "crashed"], ...] = ("rejected", "accepted", "crashed")
_LONGEST_SHOWN = 160
_LONGEST_STRING = 24
_MOST_ITEMS = 8


def grade_lines(grade: Grade) -> Iterator[str]:
    """Yield the lines of a grade: a row for every rule, then every breach not rejected with its example."""
    names = {rule.code: f"{rule.code} {rule.name}" for rule in grade.format.rules}
    if grade.breaches:
        caught, through, crashed = (len(grade.of(outcome)) for outcome in _OUTCOMES)
        total = len(grade.breaches)
        yield f"{grade.format.id}: {caught} of {total} breaches caught, {through} let through, {crashed} crashed"
        yield ""
        rows = [["rule", "caught", "let through", "crashed"]]
        for code in sorted({graded.rule for graded in grade.breaches}):
            found = [graded.outcome for graded in grade.breaches if graded.rule == code]
            rows.append([names[code], *(str(found.count(outcome)) for outcome in _OUTCOMES)])
        yield from table(rows)
    yield from _listed("let through", grade.of("accepted"), names)
    yield from _listed("crashed", grade.of("crashed"), names)
    yield from _listed("valid and not accepted", grade.valid, names)


def _listed(title: str, rows: Iterable[Graded], names: dict[str, str]) -> Iterator[str]:
    rule = None
    for graded in sorted(rows, key=lambda graded: graded.rule):
        if graded.rule != rule:
            rule = graded.rule
            yield ""
            yield f"{title}: {names[rule]}" if rule else f"{title}:"
        reaction = f" [{graded.reaction}]" if rule else ""
        yield f"  {printable(graded.breach)}{reaction}"
        if graded.why:
            yield f"    {printable(graded.why)}"
        yield f"    {_example(graded)}"


def _example(graded: Graded) -> str:
    """Return as much of an example as is needed to see what is broken."""
    if isinstance(graded.example, bytes):
        number = int(graded.where.removeprefix("line ") or 1)
        lines = graded.example.split(b"\n")
        text = repr(lines[min(number, len(lines)) - 1])
        half = _LONGEST_SHOWN // 2
        return text if len(text) <= _LONGEST_SHOWN else f"{text[: half - 1]}…{text[-half:]}"
    path, value = _container(graded.example, graded.where)
    try:
        text = json.dumps(_shortened(value), ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(_shortened(value))
    return f"{path}: {_cut(printable(text), _LONGEST_SHOWN)}"


def _container(value: Any, where: str) -> tuple[str, Any]:
    """Return the innermost object or list that a rendered path leads through, and its own path."""
    path: tuple[Any, ...] = ()
    while True:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, member in members:
            below = render((*path, step)) if isinstance(step, str | int) else ""
            if below and where.startswith(below) and where[len(below) : len(below) + 1] in (".", "["):
                path, value = (*path, step), member
                break
        else:
            return render(path), value


def _shortened(value: Any) -> Any:
    """Return a value with its long strings and lists cut."""
    if isinstance(value, str):
        return _cut(value, _LONGEST_STRING)
    if isinstance(value, list):
        more = ["…"] if len(value) > _MOST_ITEMS else []
        return [_shortened(item) for item in value[:_MOST_ITEMS]] + more
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
