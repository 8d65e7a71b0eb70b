"""One value to findings: the JSON facts, then the schema, then the rules that no schema can say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jsonschema_rs

from pytest_visionfmt.findings import Finding, Reaction, Severity
from pytest_visionfmt.format import (
    ANY_KIND,
    PROFILES,
    Exchange,
    File,
    Format,
    Hit,
    Image,
    Parsed,
    Profile,
    Record,
    Rule,
    Schema,
    check_profile,
)
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.shared_rules import MISSING_KEY
from pytest_visionfmt.json_paths import MISSING, outer, render, site_of, value_at
from pytest_visionfmt.json_scan import Fact, scan
from pytest_visionfmt.parsing import Parsing, facts_of_value
from pytest_visionfmt.schema_findings import Inner, inner_texts, schema_hits, validator_of
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.values import kinds_of

__all__ = [
    "RuleSet",
    "check_parsing",
    "check_record",
    "excerpt",
    "has_json_error",
    "is_in_error",
    "judge",
    "locate",
    "prepare",
    "rules_of",
]

_EXCERPT_BEFORE, _EXCERPT_AFTER = 12, 52
_MISSPELT = Schema("misspelt")
_NO_JSON = frozenset({"lone-surrogate", "nested-too-deep", "not-a-number", "not-json", "number-too-large"})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a format by how they look, prepared once."""

    facts: dict[str, Rule]
    keywords: dict[str, Rule]
    record: tuple[tuple[Rule, Record], ...]
    file: tuple[tuple[Rule, File], ...]
    image: tuple[tuple[Rule, Image], ...]
    exchange: tuple[tuple[Rule, Exchange], ...]


@lru_cache(maxsize=128)
def rules_of(format_: Format) -> RuleSet:
    """Return the rules of a format by how they look."""
    return RuleSet(
        {rule.look.fact: rule for rule in format_.rules if isinstance(rule.look, Parsed)},
        {rule.look.keyword: rule for rule in format_.rules if isinstance(rule.look, Schema)},
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Record)),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, File)),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Image)),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Exchange)),
    )


def prepare(format_: Format) -> None:
    """Raise ``ValueError`` now where a format's schemas could not be checked with later."""
    for profile in PROFILES:
        try:
            validator_of(format_, profile)
        except jsonschema_rs.ValidationError as error:
            raise ValueError(f"the {profile} schema of {format_.id!r} is no JSON Schema: {error.message}") from None
        nodes_of(format_, profile)


def check_record(value: Any, format: str | Format, *, profile: Profile = "documented") -> tuple[Finding, ...]:
    """Return every finding on one record or document, given as a Python value.

    * ``format`` is the id of a format, or a ``Format`` of your own.
    * ``profile`` says who judges: the ``"documented"`` page (and the service's reader where the
      page is silent), or the ``"reader"`` alone.

    An empty tuple is a clean record. Never raises on bad data: what JSON has not (tuples, sets,
    NaN, keys that are no strings, numpy scalars) is a finding at its path. Rules over a whole file
    are for ``check_file``. Raises ``ValueError`` for an unknown format or profile.
    """
    check_profile(profile)
    format_ = named(format)
    findings = check_parsing(Parsing(value, tuple(facts_of_value(value))), format_, profile)
    return tuple(finding for finding, _ in findings)


def check_parsing(parsing: Parsing, format_: Format, profile: Profile) -> list[tuple[Finding, Hit | Fact]]:
    """Return the findings on one parsed text, each with the hit or fact that it came from.

    Schema and rules judge only a value without an error among its JSON facts: of a value that no
    parser would hand over there is no more to say. Nor do they judge what JSON has not, whether or not
    one of the format's rules speaks of it: validators cannot take it.
    """
    rules = rules_of(format_)
    found = _fact_findings(parsing, format_, profile)
    if parsing.value is MISSING or has_json_error(found) or _is_no_json(parsing):
        return found
    for inner in inner_texts(parsing.value, format_, profile):
        found += _inner_fact_findings(parsing.value, inner, format_, profile)
    replaced: set[tuple[str, str]] = set()
    for rule, hit, taken in _record_hits(parsing.value, format_, profile, rules):
        if finding := judge(rule, hit, format_, profile, parsing.value, taken_by_reader=taken):
            found.append((finding, hit))
            replaced.update((code, finding.path) for code in rule.replaces)
    return [(finding, origin) for finding, origin in found if (finding.code, finding.path) not in replaced]


def _is_no_json(parsing: Parsing) -> bool:
    """Whether a value holds what JSON has not, so that there is nothing for a schema to judge."""
    return any(fact.fact in _NO_JSON for fact in parsing.facts)


def _fact_findings(parsing: Parsing, format_: Format, profile: Profile) -> list[tuple[Finding, Hit | Fact]]:
    found: list[tuple[Finding, Hit | Fact]] = []
    for fact in parsing.facts:
        if rule := rules_of(format_).facts.get(fact.fact):
            hit = Hit(fact.path, fact.message)
            if finding := judge(rule, hit, format_, profile, parsing.value):
                found.append((finding, fact))
    return found


def _inner_fact_findings(
    value: Any, inner: Inner, format_: Format, profile: Profile
) -> list[tuple[Finding, Hit | Fact]]:
    """Return the findings on the JSON that stands in a string, all of them at that string."""
    if format_.unread(value, inner.path):
        return []
    facts = [replace(fact, path=(*inner.path, *fact.path), offset=-1) for fact in inner.parsing.facts]
    return _fact_findings(Parsing(value, tuple(facts)), format_, profile)


def has_json_error(found: list[tuple[Finding, Hit | Fact]]) -> bool:
    """Whether the parse itself found an error, so that there is no value to speak of."""
    return any(isinstance(origin, Fact) and finding.severity == Severity.ERROR for finding, origin in found)


def _record_hits(value: Any, format_: Format, profile: Profile, rules: RuleSet) -> Iterator[tuple[Rule, Hit, bool]]:
    """Yield (rule, hit, whether only the page minds: the reader's own schema takes what is there)."""
    by_schema = _schema_hits(value, format_, profile)
    refused = None
    if by_schema and profile == "documented" and "reader" in format_.schemas:
        by_reader = _schema_hits(value, format_, "reader")
        refused = {hit.path for _, hit in by_reader}
        by_schema = _with_unnamed(by_schema, by_reader)
    for keyword, hit in by_schema:
        if rule := rules.keywords.get(keyword):
            yield rule, hit, refused is not None and hit.path not in refused
    for rule, look in rules.record:
        for hit in look.find(value):
            yield rule, hit, False


def _schema_hits(value: Any, format_: Format, profile: Profile) -> list[tuple[str, Hit]]:
    hits = schema_hits(value, format_, profile)
    if profile == "documented":
        return list(hits)
    return [(keyword, hit) for keyword, hit in hits if not format_.unread(value, hit.path)]


def _with_unnamed(by_page: list[tuple[str, Hit]], by_reader: list[tuple[str, Hit]]) -> list[tuple[str, Hit]]:
    """Add what the reader's schema says of keys that the page does not name: there the page is silent."""
    unnamed = {hit.path for keyword, hit in by_page if keyword == "properties"}
    added = [
        (keyword, hit)
        for keyword, hit in by_reader
        if keyword != "properties" and any(hit.path[: len(path)] == path for path in unnamed)
    ]
    misspelt = {hit.path for keyword, hit in added if keyword == "misspelt"}
    return [(keyword, hit) for keyword, hit in by_page if keyword != "properties" or hit.path not in misspelt] + added


def judge(
    rule: Rule, hit: Hit, format_: Format, profile: Profile, value: Any = MISSING, *, taken_by_reader: bool = False
) -> Finding | None:
    """Return the finding that a profile makes of a hit, None where it does not mind."""
    site = hit.site or site_of(hit.path)
    verdict = format_.verdict(rule, site, kinds_of(value_at(value, hit.path)))
    judgement = verdict.of(profile)
    if judgement is None:
        return None
    if rule.look == _MISSPELT:
        # A misspelt key has the consequence of the key that was meant being absent.
        missing = format_.verdicts.get((site, MISSING_KEY, ANY_KIND))
        judgement = (missing and missing.of(profile)) or judgement
    if taken_by_reader and verdict.taken:
        judgement = verdict.taken
    elif taken_by_reader and judgement.reaction != Reaction.ACCEPTED:
        judgement = replace(judgement, reaction=Reaction.ACCEPTED, says="the reader takes it; the page does not")
    message = f"{hit.message}; {verdict.why}" if verdict.why else hit.message
    return Finding(
        rule.code,
        rule.name,
        judgement.severity,
        message,
        render(hit.path),
        line=hit.line,
        reaction=judgement.reaction,
        evidence=judgement.evidence,
        consequence=judgement.consequence,
    )


def is_in_error(parsing: Parsing, format_: Format) -> bool:
    """Whether a text has an error in the ``documented`` profile: the short answer, without findings.

    What a schema refuses is one, but for formats where some of it is no more than a warning.
    """
    value = parsing.value
    if value is MISSING or has_json_error(_fact_findings(parsing, format_, "documented")):
        return True
    if _is_no_json(parsing):
        return False
    if not validator_of(format_, "documented").is_valid(value):
        if not _forgives(format_):
            return True
        return any(finding.severity == Severity.ERROR for finding, _ in check_parsing(parsing, format_, "documented"))
    for inner in inner_texts(value, format_, "documented"):
        if has_json_error(_inner_fact_findings(value, inner, format_, "documented")) or not inner.is_valid():
            return True
    judged = (
        judge(rule, hit, format_, "documented", value)
        for rule, look in rules_of(format_).record
        for hit in look.find(value)
    )
    return any(finding and finding.severity == Severity.ERROR for finding in judged)


@lru_cache(maxsize=128)
def _forgives(format_: Format) -> bool:
    """Whether some of what the page's schema of a format refuses is no error, because the reader takes it."""
    return any(verdict.taken for verdict in format_.verdicts.values())


def locate(found: list[tuple[Finding, Hit | Fact]], text: str) -> list[Finding]:
    """Return the findings on one text with line, column and excerpt, in the order of the text."""
    places = None
    located = []
    for finding, origin in found:
        if isinstance(origin, Fact) and origin.offset >= 0:
            offset = origin.offset
        else:
            places = places or scan(text)
            path = outer(origin.path)  # what stands in a string is located at the string
            key = path == origin.path and finding.name in ("unknown-key", "misspelt-key")
            offset = (places.keys if key else places.values).get(path, -1)
            if offset < 0:  # an absent key: where its object begins
                offset = places.values.get(path[:-1], 0)
        # A document, and a record that was pretty-printed, is a text of several lines.
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        line = text[start : end if end >= 0 else len(text)]
        located.append(
            replace(
                finding,
                line=text.count("\n", 0, start) + 1,
                column=offset - start + 1,
                excerpt=excerpt(line, offset - start),
            )
        )
    return sorted(located, key=lambda finding: (finding.line, finding.column, finding.code, finding.path))


def excerpt(text: str, offset: int) -> str:
    """Return the part of a line around an offset, printable, ``...`` where it was cut."""
    start = max(0, offset - _EXCERPT_BEFORE)
    end = min(len(text), offset + _EXCERPT_AFTER)
    part = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[start:end])
    return ("..." if start else "") + part + ("..." if end < len(text) else "")
