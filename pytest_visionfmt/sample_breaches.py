"""Samples of which some are broken: which, how, and what a check of their file must find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.checking_files import check_bytes
from pytest_visionfmt.dataset_files import json_line
from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.invalid.records import breaker
from pytest_visionfmt.invalid.values import Invalid
from pytest_visionfmt.jsonl_writing import plain
from pytest_visionfmt.values import fresh

__all__ = ["broken_samples", "line_of"]

_CHOICES = 1 << 24
_ATTEMPTS = 200
_NEIGHBOURS = 50
_Places: TypeAlias = frozenset[tuple[str, str]]


def line_of(value: Any) -> bytes:
    """Return a line that holds any value: what UTF-8 cannot hold is escaped, and NaN is what Python calls it."""
    try:
        return json_line(value)
    except ValueError:
        return f"{plain(value)}\n".encode()


def broken_samples(
    values: Sequence[Any], count: int, format_: Format, profile: Profile, seed: int, *, images: bool = False
) -> dict[int, Invalid]:
    """Return so many of the samples broken, each in one named way, by their numbers.

    In the file of all, a check finds exactly what each states: a breach that would make a finding at another
    record, such as a class of another type than theirs, is not made. With ``images`` a broken record says of its
    image what it said before, or less, so that the image stays right. Raises ``ValueError`` where there are not
    so many samples, or the format has not enough breaches of this kind.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= len(values):
        raise ValueError(f"invalid={count!r} is not a number of records, 0 to {len(values)}")
    if not count:
        return {}
    numbers = sorted(Random(f"{seed}/invalid").sample(range(len(values)), count))
    search = _Search(values, numbers, format_, profile, seed, images=images)
    cases = {number: search.next_case(number) for number in numbers}
    # Each is right among the valid ones; two that say the same of their images may not be beside each other.
    while wrong := search.wrong(cases):
        for number in wrong:
            cases[number] = search.next_case(number)
    return cases


class _Search:
    """Looks for the breaches of samples, in an order that a seed tells."""

    def __init__(
        self,
        values: Sequence[Any],
        numbers: Sequence[int],
        format_: Format,
        profile: Profile,
        seed: int,
        *,
        images: bool,
    ) -> None:
        self._values = values
        self._numbers = numbers
        self._format = format_
        self._profile: Profile = profile
        self._seed = seed
        self._claim_of = format_.image_claim if images else None
        try:
            self._rules, self._break = breaker(format_, profile)
        except InvalidArgument as error:
            raise ValueError(str(error)) from None
        self._tries: dict[int, Iterator[int]] = {}

    def next_case(self, number: int) -> Invalid:
        """Return the next breach of a sample that is right among the valid ones."""
        for choice in self._tries.setdefault(number, self._choices(number)):
            case = self._break(fresh(self._values[number]), choice)
            if case and self._keeps_claim(number, case.value) and not self._wrong_beside_valid(number, case):
                return case
        raise ValueError(f"no breach of {self._format.id} was found for sample {number} that shows in its record alone")

    def _choices(self, number: int) -> Iterator[int]:
        """Yield what to try: each of the broken samples begins with another rule, as far as there are rules."""
        rules = Random(f"{self._seed}/rules").sample(range(self._rules), self._rules)
        random = Random(f"{self._seed}/{number}/invalid")
        first = self._numbers.index(number)
        for attempt in range(_ATTEMPTS):
            yield rules[(first + attempt) % self._rules] + self._rules * random.randrange(_CHOICES)

    def _keeps_claim(self, number: int, value: Any) -> bool:
        """Whether a broken record says of its image what it said before, or less."""
        if self._claim_of is None:
            return True
        after = self._claim_of(value)
        return after is None or _says_no_more(after, self._claim_of(self._values[number]))

    def _wrong_beside_valid(self, number: int, case: Invalid) -> list[int]:
        if self._format.unit == "json":
            return self.wrong({number: case})
        near = sorted({*range(min(len(self._values), _NEIGHBOURS)), number})
        return self._differing([(i, case if i == number else None) for i in near])

    def wrong(self, cases: Mapping[int, Invalid]) -> list[int]:
        """Return the numbers of the broken samples that are to blame for what a check finds and they do not state."""
        if self._format.unit == "json":
            return [number for number, case in cases.items() if self._differing([(number, case)])]
        differing = self._differing([(i, cases.get(i)) for i in range(len(self._values))])
        # Whoever is to blame for a finding at a valid record, it is one of the broken.
        return [number for number in differing if number in cases] or (list(cases) if differing else [])

    def _differing(self, samples: Sequence[tuple[int, Invalid | None]]) -> list[int]:
        """Return the numbers of those samples of one file where a check finds other than what they state."""
        content = b"".join(line_of(case.value if case else self._values[number]) for number, case in samples)
        report = check_bytes(content, self._format, profile=self._profile, max_findings=len(content))
        found: dict[int, set[tuple[str, str]]] = {}
        noted: dict[int, set[tuple[str, str]]] = {}
        for finding in report.findings:
            kept = noted if finding.severity == Severity.NOTE else found
            kept.setdefault(finding.line, set()).add((finding.code, finding.path))
        return [
            number
            for line, (number, case) in enumerate(samples, 1)
            if found.get(line, set()) != _stated(case) - noted.get(line, set())
        ]


def _stated(case: Invalid | None) -> _Places:
    return case.findings if case else frozenset()


def _says_no_more(after: ImageClaim, before: ImageClaim | None) -> bool:
    return (
        before is not None
        and after.url == before.url
        and all(
            now is None or now == then
            for now, then in ((after.width, before.width), (after.height, before.height), (after.type, before.type))
        )
    )
