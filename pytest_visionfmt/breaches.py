"""What a breach is: one change to a valid record or file, and what must be found then.

A breach is the twin of a rule: the rule finds it broken, the breach breaks it. It states its own
consequences and never asks the checker, so that the two test each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pytest_visionfmt.json_paths import MISSING, Path, site_of

__all__ = ["Breach", "Breaches", "Consequence", "FileBreach"]


class Consequence(NamedTuple):
    """One finding that a breach leads to.

    ``rule`` is the code of a rule, or what a shared rule looks for: a schema keyword such as ``"type"``,
    a fact of the parse such as ``"not-a-number"``. ``path`` begins where the breach was made. ``line``
    is for files only, and ``meant`` is the documented key that a misspelt one stands for.
    """

    rule: str
    path: Path = ()
    line: int = 0
    meant: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Breach:
    """One way to break a record at one place.

    * ``place`` is where, any index standing for any item: ``("label", 0, "topX")``.
    * ``change`` names the change, for people: ``"just above 1"``.
    * ``make`` takes what stands there in a valid record and returns what is to stand there instead. It
      may change a list or object in place.
    * ``consequences`` are the findings, the first the one that the breach is named for; or a function
      that takes what ``make`` returned.
    * ``holds`` is the JSON type that must stand there, where ``make`` needs one.
    * ``puts`` is what is put there, where that is the same whatever stood there before.
    * ``alone`` says that the item broken must be the only one of its list, so that its breach is the
      only one.
    """

    place: Path
    change: str
    make: Callable[[Any], Any]
    consequences: Sequence[Consequence] | Callable[[Any], Iterable[Consequence]]
    holds: str = ""
    puts: Any = MISSING
    alone: bool = False

    def __str__(self) -> str:
        return f"{site_of(self.place)}: {self.change}"

    def consequences_of(self, made: Any) -> Iterable[Consequence]:
        """Return the consequences of what ``make`` returned."""
        return self.consequences(made) if callable(self.consequences) else self.consequences


@dataclass(frozen=True, eq=False, slots=True)
class FileBreach:
    """One way to break a file.

    ``make(values, at)`` takes the file's records, one or more, and the index of one of them. It returns
    the content of the broken file with its consequences, and may change the records; or None where
    these records cannot be broken so. ``least`` is how many records it takes.
    """

    change: str
    make: Callable[[list[Any], int], tuple[bytes, Sequence[Consequence]] | None]
    least: int = 1

    def __str__(self) -> str:
        return self.change


@dataclass(frozen=True, slots=True)
class Breaches:
    """What a schema cannot say about breaking a format, in one profile.

    * ``record`` and ``file`` break the rules over a record and over a file.
    * ``also(value, place)`` yields what else is found after a breach at ``place`` of ``value``: a corner
      above its maximum is no longer left of the other one. Its paths begin at the record.
    * ``alone(breach)`` says whether a breach of the schema needs its item to be the only one.
    * ``tidy(values)`` changes valid records in place so that a file of them is clean as well.
    * ``ready(value, breach)`` changes a valid record in place so that what stands at the place of the breach
      is looked at, and for one reason only. It returns the place: there a negative index is no longer any item
      but that one, counted from the end.
    """

    record: tuple[Breach, ...] = ()
    file: tuple[FileBreach, ...] = ()
    also: Callable[[Any, Path], Iterable[Consequence]] = lambda value, place: ()
    alone: Callable[[Breach], bool] = lambda breach: False
    tidy: Callable[[list[Any]], None] = lambda values: None
    ready: Callable[[Any, Breach], Path] = lambda value, breach: breach.place
