"""Which breaches are asked for: by rule, and by how bad they are in the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Generic, NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import PROFILES, Format, Parsed, Profile

__all__ = ["CHOICE", "Choice", "Known", "choice_of", "chosen", "codes_of"]

T = TypeVar("T")
# One draw says which breach and where. An integer, not bytes: Hypothesis takes time to try what two
# draws of one kind have in common, and a record is a draw of bytes.
CHOICE = st.integers(0, 2**24 - 1)
_NO_JSON = Parsed("not-json")


class Known(NamedTuple, Generic[T]):
    """A breach, and the rule and severity of its first consequence in one profile."""

    breach: T
    code: str
    severity: Severity


def codes_of(format_: Format, rules: Iterable[str] | None) -> frozenset[str] | None:
    """Return the codes of rules given by code or name; None is every error.

    Raises ``ValueError`` for one that the format does not have, with the nearest.
    """
    if rules is None:
        return None
    if isinstance(rules, str):
        raise ValueError(f"rules={rules!r} is a string; give a list of codes or names, [{rules!r}]")
    known = {spelling: rule.code for rule in format_.rules for spelling in (rule.code, rule.name)}
    codes = set()
    for name in rules:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            names = ", ".join(f"{rule.code} {rule.name}" for rule in format_.rules)
            raise ValueError(f"{format_.id} has no rule {name!r}.{hint} There are: {names}")
        codes.add(known[name])
    return frozenset(codes)


def chosen(known: Sequence[Known[T]], format_: Format, codes: frozenset[str] | None) -> list[Known[T]]:
    """Return the breaches of these rules, or else of all that are errors.

    What no JSON text can hold breaks a rule, and is of no use to who writes the record to a file: it
    must be asked for.
    """
    if codes is not None:
        return [row for row in known if row.code in codes]
    python = {rule.code for rule in format_.rules if rule.look == _NO_JSON}
    return [row for row in known if row.severity == Severity.ERROR and row.code not in python]


class Choice(Generic[T]):
    """Picks a breach by a number: every rule is as likely as every other, however many breaches it has."""

    def __init__(self, rows: Sequence[Known[T]]) -> None:
        groups: dict[str, list[T]] = {}
        for row in rows:
            groups.setdefault(row.code, []).append(row.breach)
        self._groups = list(groups.values())

    def __len__(self) -> int:
        """How many rules there are to break: ``pick(number)`` breaks rule ``number % len``."""
        return len(self._groups)

    def pick(self, number: int) -> tuple[T, Callable[[int], int]]:
        """Return a breach, and a function that picks one of so many items by what is left of the number."""

        def pick(count: int) -> int:
            nonlocal number
            number, picked = divmod(number, count)
            return picked

        group = self._groups[pick(len(self._groups))]
        return group[pick(len(group))], pick


def choice_of(
    format_: Format,
    rules: Iterable[str] | None,
    profile: Profile,
    known: Callable[[Format, Profile], list[Known[T]]],
    *,
    what: str,
) -> Choice[T]:
    """Return the choice among the breaches asked for. Raises ``InvalidArgument`` where there is none."""
    if profile not in PROFILES:
        raise InvalidArgument(f"profile={profile!r} is neither of {', '.join(map(repr, PROFILES))}")
    try:
        codes = codes_of(format_, rules)
    except ValueError as error:
        raise InvalidArgument(str(error)) from None
    choice = Choice(chosen(known(format_, profile), format_, codes))
    if not choice:
        which = "any rule" if codes is None else " or ".join(sorted(codes))
        raise InvalidArgument(f"no {what} of {format_.id} breaks {which} in the {profile} profile")
    return choice
