"""From the consequences that a breach states to the findings that a profile makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pytest_visionfmt.breaches import Breaches, Consequence
from pytest_visionfmt.checking import judge
from pytest_visionfmt.draws import BREACHES
from pytest_visionfmt.findings import Finding, Severity
from pytest_visionfmt.format import OTHER_KEYS, Format, Hit, Parsed, Profile, Rule, Schema
from pytest_visionfmt.json_paths import INSIDE, MISSING, Path, outer, site_of, value_at
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import refused_keywords

__all__ = ["Judge", "breaches_of", "judge_of"]


@lru_cache(maxsize=128)
def breaches_of(format_: Format, profile: Profile) -> Breaches:
    """Return what the family, or the user, adds to the breaches of a format's schema."""
    make = BREACHES.get(format_.id) or format_.breaches
    return make(format_, profile) if make else Breaches()


class Judge:
    """Judges the consequences of breaches as one profile of a format does."""

    def __init__(self, format_: Format, profile: Profile) -> None:
        self.format = format_
        self.profile: Profile = profile
        self._rules: dict[str, Rule] = {}
        for rule in format_.rules:
            look = rule.look
            word = look.keyword if isinstance(look, Schema) else look.fact if isinstance(look, Parsed) else rule.code
            self._rules[word] = self._rules[rule.code] = rule
        self._reader: Node | None = None
        if profile == "documented" and "reader" in format_.schemas:
            self._reader = nodes_of(format_, "reader")

    def findings(self, value: Any, consequences: Iterable[Consequence]) -> list[Finding]:
        """Return the findings on a record, the first that of the first consequence."""
        judged = list(self._judged(value, consequences))
        if any(isinstance(rule.look, Parsed) and finding.severity == Severity.ERROR and INSIDE not in found.path
               for rule, found, finding in judged):  # fmt: skip
            # Schema and rules say nothing of a value that no parser would hand over.
            judged = [row for row in judged if isinstance(row[0].look, Parsed)]
        replaced = {(code, finding.path) for rule, _, finding in judged for code in rule.replaces}
        return [finding for _, _, finding in judged if (finding.code, finding.path) not in replaced]

    def _judged(self, value: Any, consequences: Iterable[Consequence]) -> Iterator[tuple[Rule, Consequence, Finding]]:
        for found in consequences:
            rule = self._rules.get(found.rule)
            if rule and not self._is_unread(rule, value, found.path):
                hit = Hit(found.path, "", found.line, _site(rule, found))
                taken = isinstance(rule.look, Schema) and self._taken_by_reader(value, rule.look.keyword, found.path)
                if minded := judge(rule, hit, self.format, self.profile, value, taken_by_reader=taken):
                    yield rule, found, minded.worded()

    def _is_unread(self, rule: Rule, value: Any, path: Path) -> bool:
        """Whether a rule says nothing of a place that the reader never looks at."""
        if isinstance(rule.look, Parsed):
            # What is wrong with the JSON in a string is wrong with the string as a whole.
            return INSIDE in path and self.format.unread(value, (*outer(path), INSIDE))
        return isinstance(rule.look, Schema) and self.profile == "reader" and self.format.unread(value, path)

    def _taken_by_reader(self, value: Any, keyword: str, path: Path) -> bool:
        """Whether the reader's own schema takes what the page's refuses at a path."""
        if self._reader is None:
            return False
        if self.format.unread(value, path):
            return True
        parent = self._reader.at(path[:-1]) if path else None
        if parent is not None and parent.properties and path[-1] not in parent.properties:
            return False
        if keyword == "required":
            return parent is None or path[-1] not in parent.required
        node = self._reader.at(path)
        found = value_at(value, path)
        return node is None or found is MISSING or not any(refused_keywords(node, found))


def _site(rule: Rule, found: Consequence) -> str:
    """Return the site by which a consequence is judged, where it is not that of its path."""
    if found.meant:
        return site_of((*found.path[:-1], found.meant))
    return site_of(found.path[:-1]) + OTHER_KEYS if rule.look == _OTHER_KEYS else ""


_OTHER_KEYS = Schema("properties")


@lru_cache(maxsize=128)
def judge_of(format_: Format, profile: Profile) -> Judge:
    """Return the judge of a format in one profile, made once."""
    return Judge(format_, profile)
