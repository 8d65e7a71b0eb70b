"""One value to findings: the JSON facts, then the schema, then the rules that no schema can say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

from pytest_visionfmt.findings import Finding, Reaction, Severity
from pytest_visionfmt.format import (
    ANY_KIND,
    PROFILES,
    Exchange,
    File,
    Files,
    Format,
    Hit,
    Image,
    Judgement,
    Parsed,
    Profile,
    Record,
    Rule,
    Schema,
    check_profile,
)
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.shared_rules import MISSING_KEY
from pytest_visionfmt.json_paths import MISSING, Path, outer, render, site_of, value_at
from pytest_visionfmt.json_scan import Fact, Scan, scan
from pytest_visionfmt.parsing import Parsing, facts_of_value
from pytest_visionfmt.schema_findings import Inner, inner_texts, refused_paths, schema_hits, validator_of
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.values import kinds_of

__all__ = [
    "Found",
    "RuleSet",
    "check_bounds",
    "check_parsing",
    "check_record",
    "check_rules",
    "excerpt",
    "has_json_error",
    "is_in_error",
    "judge",
    "locate",
    "prepare",
    "rules_of",
    "value_of",
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
    files: tuple[tuple[Rule, Files], ...]
    dataset: tuple[tuple[Rule, Files], ...]
    image: tuple[tuple[Rule, Image], ...]
    exchange: tuple[tuple[Rule, Exchange], ...]


class Found(NamedTuple):
    """A hit that a profile minds, before it is put into words: most of very many are only counted."""

    rule: Rule
    hit: Hit
    judgement: Judgement
    why: str = ""
    fact: Fact | None = None

    def worded(self, path: str = "") -> Finding:
        """Return it as a finding, without its place in a file."""
        message = self.hit.message if isinstance(self.hit.message, str) else self.hit.message()
        return Finding(
            self.rule.code,
            self.rule.name,
            self.judgement.severity,
            f"{message}; {self.why}" if self.why else message,
            path or render(self.hit.path),
            line=self.hit.line,
            reaction=self.judgement.reaction,
            evidence=self.judgement.evidence,
            consequence=self.judgement.consequence,
        )


@lru_cache(maxsize=128)
def rules_of(format_: Format) -> RuleSet:
    """Return the rules of a format by how they look."""
    return RuleSet(
        {rule.look.fact: rule for rule in format_.rules if isinstance(rule.look, Parsed)},
        {rule.look.keyword: rule for rule in format_.rules if isinstance(rule.look, Schema)},
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Record)),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, File)),
        _files_rules(format_, "job"),
        _files_rules(format_, "dataset"),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Image)),
        tuple((rule, rule.look) for rule in format_.rules if isinstance(rule.look, Exchange)),
    )


def _files_rules(format_: Format, among: str) -> tuple[tuple[Rule, Files], ...]:
    looks = ((rule, rule.look) for rule in format_.rules)
    return tuple((rule, look) for rule, look in looks if isinstance(look, Files) and look.among == among)


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
    parsing = Parsing(value, tuple(facts_of_value(value)))
    return tuple(found.worded() for found in check_parsing(parsing, format_, profile))


def check_rules(
    value: Any, format_: Format, profile: Profile, record_rules: Sequence[tuple[Rule, Record]]
) -> list[Found]:
    """Return what some rules say of a value that JSON and schema have nothing against."""
    all_found = []
    for rule, look in record_rules:
        for hit in look.find(value):
            if found := judge(rule, hit, format_, profile, value):
                all_found.append(found)
    replaced = {(code, found.hit.path) for found in all_found for code in found.rule.replaces}
    return [found for found in all_found if (found.rule.code, found.hit.path) not in replaced]


def check_bounds(
    value: Any, broken: Iterable[tuple[str, Path]], format_: Format, profile: Profile
) -> list[Found] | None:
    """Return what there is to say of a record against which there is nothing but some bounds of its schema.

    It is to be counted, not shown: there are no messages. None where the reader may know better than the page.
    """
    keywords = rules_of(format_).keywords
    all_found = []
    for keyword, path in broken:
        rule = keywords.get(keyword)
        if rule is None or (profile == "reader" and format_.unread(value, path)):
            continue
        verdict = format_.verdict(rule, site_of(path), kinds_of(value_at(value, path)))
        if verdict.taken:
            return None
        if judgement := verdict.of(profile):
            all_found.append(Found(rule, Hit(path, ""), judgement))
    return all_found


def check_parsing(parsing: Parsing, format_: Format, profile: Profile) -> list[Found]:
    """Return what there is to say of one parsed text, not yet in words.

    Schema and rules judge only a value without an error among its JSON facts: of a value that no
    parser would hand over there is no more to say. Nor do they judge what JSON has not, whether or not
    one of the format's rules speaks of it: validators cannot take it.
    """
    rules = rules_of(format_)
    all_found = _facts_found(parsing, format_, profile)
    if parsing.value is MISSING or has_json_error(all_found) or _is_no_json(parsing):
        return all_found
    for inner in inner_texts(parsing.value, format_, profile):
        all_found += _inner_facts_found(parsing.value, inner, format_, profile)
    replaced: set[tuple[str, Path]] = set()
    for rule, hit, taken in _record_hits(parsing.value, format_, profile, rules):
        if found := judge(rule, hit, format_, profile, parsing.value, taken_by_reader=taken):
            all_found.append(found)
            replaced.update((code, hit.path) for code in rule.replaces)
    return [found for found in all_found if (found.rule.code, found.hit.path) not in replaced]


def _is_no_json(parsing: Parsing) -> bool:
    """Whether a value holds what JSON has not, so that there is nothing for a schema to judge."""
    return any(fact.fact in _NO_JSON for fact in parsing.facts)


def _facts_found(parsing: Parsing, format_: Format, profile: Profile) -> list[Found]:
    all_found: list[Found] = []
    for fact in parsing.facts:
        if rule := rules_of(format_).facts.get(fact.fact):
            hit = Hit(fact.path, fact.message)
            if found := judge(rule, hit, format_, profile, parsing.value):
                all_found.append(found._replace(fact=fact))
    return all_found


def _inner_facts_found(value: Any, inner: Inner, format_: Format, profile: Profile) -> list[Found]:
    """Return what there is to say of the JSON that stands in a string, all of it at that string."""
    if format_.unread(value, inner.path):
        return []
    facts = [replace(fact, path=(*inner.path, *fact.path), offset=-1) for fact in inner.parsing.facts]
    return _facts_found(Parsing(value, tuple(facts)), format_, profile)


def has_json_error(all_found: list[Found]) -> bool:
    """Whether the parse itself found an error, so that there is no value to speak of."""
    return any(found.fact and found.judgement.severity == Severity.ERROR for found in all_found)


def value_of(parsing: Parsing, format_: Format, profile: Profile) -> Any:
    """Return the value of a text, ``MISSING`` where an error in its JSON keeps a parser from handing it over."""
    if parsing.facts and has_json_error(_facts_found(parsing, format_, profile)):
        return MISSING
    return parsing.value


def _record_hits(value: Any, format_: Format, profile: Profile, rules: RuleSet) -> Iterator[tuple[Rule, Hit, bool]]:
    """Yield (rule, hit, whether only the page minds: the reader's own schema takes what is there)."""
    by_schema = _schema_hits(value, format_, profile)
    refused = None
    if by_schema and profile == "documented" and "reader" in format_.schemas:
        if any(keyword in ("properties", "misspelt") for keyword, _ in by_schema):
            by_reader = _schema_hits(value, format_, "reader")
            refused = {hit.path for _, hit in by_reader}
            by_schema = _with_unnamed(by_schema, by_reader)
        else:
            refused = {path for path in refused_paths(value, format_, "reader") if not format_.unread(value, path)}
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
) -> Found | None:
    """Return what a profile makes of a hit, None where it does not mind."""
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
    return Found(rule, hit, judgement, verdict.why)


def is_in_error(parsing: Parsing, format_: Format) -> bool:
    """Whether a text has an error in the ``documented`` profile: the short answer, without findings.

    What a schema refuses is one, but for formats where some of it is no more than a warning.
    """
    value = parsing.value
    if value is MISSING or has_json_error(_facts_found(parsing, format_, "documented")):
        return True
    if _is_no_json(parsing):
        return False
    if not validator_of(format_, "documented").is_valid(value):
        if not _forgives(format_):
            return True
        all_found = check_parsing(parsing, format_, "documented")
        return any(found.judgement.severity == Severity.ERROR for found in all_found)
    for inner in inner_texts(value, format_, "documented"):
        if has_json_error(_inner_facts_found(value, inner, format_, "documented")) or not inner.is_valid():
            return True
    judged = (
        judge(rule, hit, format_, "documented", value)
        for rule, look in rules_of(format_).record
        for hit in look.find(value)
    )
    return any(found and found.judgement.severity == Severity.ERROR for found in judged)


@lru_cache(maxsize=128)
def _forgives(format_: Format) -> bool:
    """Whether some of what the page's schema of a format refuses is no error, because the reader takes it."""
    return any(verdict.taken for verdict in format_.verdicts.values())


def locate(all_found: Iterable[Found], text: str, room: Callable[[str], int] | None = None) -> list[Finding]:
    """Return what was found in one text as findings with line, column and excerpt, in the order of the text.

    ``room(code)`` says how many findings of a rule are wanted: only those are located and put into
    words, so that a line of a million bad numbers costs no more than it has to.
    """
    wanted = [found for found in all_found if room is None or room(found.rule.code) > 0]
    paths = {outer(found.hit.path) for found in wanted if not (found.fact and found.fact.offset >= 0)}
    places = scan(text, paths | {path[:-1] for path in paths}) if paths else Scan()
    placed = sorted(
        ((_offset(found, places), found.rule.code, render(found.hit.path), found) for found in wanted),
        key=lambda place: place[:3],
    )
    kept: Counter[str] = Counter()
    located = []
    for offset, code, path, found in placed:
        kept[code] += 1
        if room is not None and kept[code] > room(code):
            continue
        # A document, and a record that was pretty-printed, is a text of several lines.
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        line = text.count("\n", 0, start) + 1
        shown = excerpt(text, offset, start, end if end >= 0 else len(text))
        located.append(replace(found.worded(path), line=line, column=offset - start + 1, excerpt=shown))
    return located


def _offset(found: Found, places: Scan) -> int:
    if found.fact and found.fact.offset >= 0:
        return found.fact.offset
    path = outer(found.hit.path)  # what stands in a string is located at the string
    key = path == found.hit.path and found.rule.name in ("unknown-key", "misspelt-key")
    offset = (places.keys if key else places.values).get(path, -1)
    # An absent key is located where its object begins.
    return offset if offset >= 0 else places.values.get(path[:-1], 0)


def excerpt(text: str, offset: int, start: int, end: int) -> str:
    """Return the part around an offset of the line from ``start`` to ``end``, printable, ``...`` where it was cut."""
    first = max(start, offset - _EXCERPT_BEFORE)
    last = min(end, offset + _EXCERPT_AFTER)
    part = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[first:last])
    return ("..." if first > start else "") + part + ("..." if last < end else "")
