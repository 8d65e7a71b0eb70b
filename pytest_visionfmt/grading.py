"""Measuring a validator: what it catches, what it lets through, and where it falls over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from pytest_visionfmt.edges.files import edge_files
from pytest_visionfmt.edges.records import edge_cases
from pytest_visionfmt.findings import Reaction
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.invalid import Invalid, InvalidFile, invalid_cases, invalid_file, invalid_files, invalid_record
from pytest_visionfmt.invalid.files import clean_files, file_strategy_of
from pytest_visionfmt.invalid.records import strategy_of
from pytest_visionfmt.reports.grades import grade_lines
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.strategies import record
from pytest_visionfmt.values import fresh

__all__ = ["Grade", "Graded", "Outcome", "assert_accepts", "assert_rejects", "grade", "valid_cases"]

Outcome: TypeAlias = Literal["rejected", "accepted", "crashed"]
Raises: TypeAlias = type[BaseException] | tuple[type[BaseException], ...]
Validate: TypeAlias = Callable[[Any], object]
_DRAWS = 200
_QUIET = settings(
    database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Graded:
    """What a validator makes of one breach: the worst outcome seen, and the smallest example of it.

    ``rule``, ``reaction`` and ``where`` (a path, or a line of a file) are those of the breach; ``why`` is
    what the validator raised where it crashed. Of what is valid, ``rule`` and ``where`` are empty.
    """

    breach: str
    rule: str
    reaction: Reaction
    where: str
    outcome: Outcome
    example: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a validator makes of every breach of a format, and what is valid and not accepted."""

    format: Format
    breaches: tuple[Graded, ...] = ()
    valid: tuple[Graded, ...] = ()

    def of(self, outcome: Outcome) -> list[Graded]:
        """Return the breaches with an outcome."""
        return [graded for graded in self.breaches if graded.outcome == outcome]

    @property
    def passed(self) -> bool:
        """Whether every breach was rejected, and nothing valid was."""
        return all(graded.outcome == "rejected" for graded in self.breaches) and not self.valid

    def lines(self) -> Iterator[str]:
        """Yield the table: a row for every rule, then every breach not rejected with its example."""
        return grade_lines(self)


def assert_rejects(
    validate: Validate,
    format: str | Format,
    *,
    rules: Iterable[str] | None = None,
    raises: Raises = ValueError,
    profile: Profile = "documented",
    files: bool = False,
    draws: int = _DRAWS,
) -> None:
    """Fail unless a validator rejects every breach of a format.

    * ``validate`` takes a record, or the content of a file as bytes where ``files`` is true. It rejects by
      raising ``raises`` or by returning ``False``; whatever else it returns, ``None`` among it, accepts.
    * ``rules`` are the codes or names of the rules to break; by default all whose breach is an error.
    * ``raises`` is the exception, or a tuple of exceptions, that rejects. Any other one is a crash.
    * ``draws`` is how many drawn records to try besides those of ``invalid_cases``, which are tried all.

    The ``AssertionError`` says which breaches are caught, which are let through and on which the validator
    crashes, each of these with the smallest example found. Raises ``ValueError`` for an unknown format,
    profile or rule.
    """
    graded = grade(validate, format, rules=rules, raises=raises, profile=profile, files=files, draws=draws, valid=False)
    if not graded.passed:
        raise AssertionError("\n".join(graded.lines()))


def assert_accepts(
    validate: Validate,
    format: str | Format,
    *,
    raises: Raises = ValueError,
    profile: Profile = "documented",
    files: bool = False,
    draws: int = _DRAWS,
) -> None:
    """Fail unless a validator accepts what is valid: the schema's examples, the edge cases, and draws.

    Arguments are those of ``assert_rejects``. The ``AssertionError`` shows what is not accepted, of the
    draws the smallest.
    """
    check_profile(profile)
    format_ = named(format)
    if refused := _refused(validate, format_, raises, profile, files=files, draws=draws):
        raise AssertionError("\n".join(Grade(format_, valid=tuple(refused)).lines()).strip())


def grade(
    validate: Validate,
    format: str | Format,
    *,
    rules: Iterable[str] | None = None,
    raises: Raises = ValueError,
    profile: Profile = "documented",
    files: bool = False,
    draws: int = _DRAWS,
    valid: bool = True,
) -> Grade:
    """Return what a validator makes of every breach of a format, and unless told otherwise of what is valid.

    Arguments are those of ``assert_rejects``.
    """
    format_ = named(format)
    rules = rules if rules is None or isinstance(rules, str) else tuple(rules)
    cases: list[Any]
    if files:
        cases = list(invalid_files(format_, rules=rules, profile=profile))
        strategy: st.SearchStrategy[Any] = invalid_file(format_, rules=rules, profile=profile)
    else:
        cases = list(invalid_cases(format_, rules=rules, profile=profile))
        strategy = invalid_record(format_, rules=rules, profile=profile)
    if not cases:
        raise ValueError(f"nothing breaks these rules of {format_.id} in the {profile} profile")
    worst: dict[str, Graded] = {}
    for case in cases:
        _note(worst, _graded(validate, case, raises))
    drawn: set[str] = set()

    def on_drawn(case: Any) -> None:
        before = worst[case.breach].outcome if case.breach in worst else None
        _note(worst, _graded(validate, case, raises))
        if worst[case.breach].outcome != before:
            drawn.add(case.breach)

    _each(strategy, draws, on_drawn)
    for breach in drawn:
        worst[breach] = _shrunk(validate, worst[breach], format_, raises, profile, files=files)
    refused = _refused(validate, format_, raises, profile, files=files, draws=draws) if valid else []
    return Grade(format_, tuple(worst.values()), tuple(refused))


def valid_cases(format_: Format, profile: Profile, *, files: bool = False) -> list[tuple[str, Any]]:
    """Return (what it is, value) of valid records or files, the same every time."""
    if files:
        return [(f"edge case {file}", file.value) for file in edge_files(format_)]
    examples = nodes_of(format_, profile).examples
    fixed = [(f"example {n} of the schema", example) for n, example in enumerate(examples, 1)]
    return fixed + [(f"edge case {case}", case.value) for case in edge_cases(format_, profile=profile)]


def _outcome(validate: Validate, value: Any, raises: Raises) -> tuple[Outcome, str]:
    try:
        verdict = validate(fresh(value))
    except raises:
        return "rejected", ""
    except Exception as error:  # whatever a validator raises that it did not announce
        return "crashed", f"{type(error).__name__}: {error}"
    return ("rejected" if verdict is False else "accepted"), ""


def _graded(validate: Validate, case: Invalid | InvalidFile, raises: Raises) -> Graded:
    value, where = (case.value, case.path) if isinstance(case, Invalid) else (case.content, f"line {case.line}")
    outcome, why = _outcome(validate, value, raises)
    return Graded(case.breach, case.rule, case.reaction, where, outcome, value, why)


_RANKS: tuple[Outcome, ...] = ("rejected", "crashed", "accepted")


def _note(worst: dict[str, Graded], graded: Graded) -> None:
    """Keep the worst outcome of a breach: to let it through is worse than to crash."""
    before = worst.get(graded.breach)
    if before is None or _RANKS.index(graded.outcome) > _RANKS.index(before.outcome):
        worst[graded.breach] = graded


def _each(strategy: st.SearchStrategy[Any], draws: int, look: Callable[[Any], None]) -> None:
    if not draws:
        return

    @settings(_QUIET, max_examples=draws, phases=[Phase.generate])
    @given(strategy)
    def run(value: Any) -> None:
        look(value)

    run()


def _shrunk(
    validate: Validate, graded: Graded, format_: Format, raises: Raises, profile: Profile, *, files: bool
) -> Graded:
    """Return the same outcome on the smallest value that Hypothesis finds."""
    make: Any = file_strategy_of if files else strategy_of

    def alike(case: Invalid | InvalidFile) -> bool:
        return _graded(validate, case, raises).outcome == graded.outcome

    try:
        case = find(make(graded.breach, format_, profile), alike, settings=settings(_QUIET, max_examples=_DRAWS))
    except NoSuchExample:
        return graded
    return _graded(validate, case, raises)


def _refused(
    validate: Validate, format_: Format, raises: Raises, profile: Profile, *, files: bool, draws: int
) -> list[Graded]:
    """Return what is valid and not accepted: of the fixed cases all, of the drawn ones the smallest."""
    found = []

    def refused(what: str, value: Any) -> Graded | None:
        outcome, why = _outcome(validate, value, raises)
        return None if outcome == "accepted" else Graded(what, "", Reaction.ACCEPTED, "", outcome, value, why)

    for what, value in valid_cases(format_, profile, files=files):
        if graded := refused(what, value):
            found.append(graded)
    if draws:
        # What the page allows is clean in both profiles, and so is a file of it.
        strategy = clean_files(format_) if files else record(format_, profile=profile)
        quiet = settings(_QUIET, max_examples=draws)
        try:
            smallest = find(strategy, lambda value: refused("", value) is not None, settings=quiet)
        except NoSuchExample:
            return found
        if graded := refused("a drawn file" if files else "a drawn record", smallest):
            found.append(graded)
    return found
