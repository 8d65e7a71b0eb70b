"""What a rule means, in words: its source, who judges how, and what the service does where."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from pytest_visionfmt.format import ANY_KIND, ANYWHERE, Format, Judgement, Rule, Schema, Verdict
from pytest_visionfmt.formats import TABLE

__all__ = ["UnknownRule", "all_rules", "explanation", "rule_named", "verdicts_of"]


class UnknownRule(ValueError):
    """There is no rule of that code or name; the message suggests the nearest."""


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule of the table's formats by code, in the order of the codes."""
    rules = {rule.code: rule for format_ in TABLE.values() for rule in format_.rules}
    return dict(sorted(rules.items()))


def rule_named(name: str) -> Rule:
    """Return the rule of a code or a name. Raises ``UnknownRule``."""
    rules = all_rules()
    by_name = {**{rule.name: rule for rule in rules.values()}, **rules}
    for spelling in (name, name.upper(), name.lower()):
        if spelling in by_name:
            return by_name[spelling]
    near = get_close_matches(name.lower(), by_name, n=1) or get_close_matches(name.upper(), by_name, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownRule(f"there is no rule {name!r}.{hint} The rules page lists all; codes look like VF104")


def verdicts_of(rule: Rule) -> Iterator[tuple[str, str, Verdict, list[Format]]]:
    """Yield (site, kind of value, verdict, formats): each verdict once, with the formats that share it."""
    shared: dict[tuple[str, str, Verdict], list[Format]] = {}
    for format_ in TABLE.values():
        own = next((r for r in format_.rules if r.code == rule.code), None)
        if own is None:
            continue
        rows = {(site, kind): v for (site, code, kind), v in format_.verdicts.items() if code == rule.code}
        if not isinstance(own.look, Schema) and (ANYWHERE, ANY_KIND) not in rows:
            rows = {(ANYWHERE, ANY_KIND): own.verdict, **rows}
        for (site, kind), verdict in rows.items():
            shared.setdefault((site, kind, verdict), []).append(format_)
    for (site, kind, verdict), formats in shared.items():
        yield site, kind, verdict, formats


def explanation(rule: Rule) -> Iterator[str]:
    """Yield the lines that explain a rule."""
    yield f"{rule.code} {rule.name}"
    yield ""
    yield rule.title
    yield f"Source: {rule.source}"
    if isinstance(rule.look, Schema):
        yield "Where the reader's own schema takes the value, the reader accepts it, whatever else stands below."
    for site, kind, verdict, formats in verdicts_of(rule):
        yield ""
        where = "anywhere" if site == ANYWHERE else site
        yield f"{where}{'' if kind == ANY_KIND else f', {kind}'}  ({', '.join(f.id for f in formats)})"
        yield f"  documented: {judgement_words(verdict.documented)}"
        if verdict.taken:
            yield f"    what the reader's schema takes: {judgement_words(verdict.taken)}"
        yield f"  reader:     {judgement_words(verdict.reader)}"
        if verdict.why:
            yield f"  {verdict.why}"


def judgement_words(judgement: Judgement | None) -> str:
    """Return a judgement as one line."""
    if judgement is None:
        return "no finding"
    return f"{judgement.severity}; {judgement.consequence} ({judgement.reaction}) [{judgement.evidence}]"
