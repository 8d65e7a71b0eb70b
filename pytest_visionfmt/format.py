"""What a format is: frozen values that say what to look for, who judges it, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, SupportsIndex, TypeAlias

from pytest_visionfmt.annotations import AnnotatedImage, ImageClaim
from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.image_facts import ImageLimits, SeenImage
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_files import load_schema

if TYPE_CHECKING:
    from pytest_visionfmt.schema_nodes import Node

__all__ = [
    "ANYWHERE",
    "ANY_KIND",
    "OTHER_KEYS",
    "PROFILES",
    "Exchange",
    "File",
    "Files",
    "Format",
    "Hit",
    "Image",
    "Judgement",
    "Kept",
    "Look",
    "Pair",
    "Parsed",
    "Profile",
    "Record",
    "Rule",
    "Schema",
    "Twin",
    "Unit",
    "Verdict",
    "check_profile",
]

Profile: TypeAlias = Literal["documented", "reader"]
PROFILES: tuple[Profile, ...] = ("documented", "reader")
Unit: TypeAlias = Literal["jsonl", "json"]
"""``jsonl``: a file holds one record a line. ``json``: a file holds one document."""

ANYWHERE = "*"
ANY_KIND = "any"
OTHER_KEYS = ".*"
"""Behind the site of an object: that of its keys which are not documented, as in ``$.label[*].*``."""


def check_profile(profile: str) -> None:
    """Raise ``ValueError`` where ``profile`` is neither ``"documented"`` nor ``"reader"``."""
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}: choose from {', '.join(map(repr, PROFILES))}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How bad a breach is to one profile, what the service does with it, and how that is known.

    ``says`` is the reaction in words where ``reaction.sentence`` would not be exact.
    """

    severity: Severity
    reaction: Reaction
    evidence: Evidence
    says: str = ""

    @property
    def consequence(self) -> str:
        """What the service does, in words."""
        return self.says or self.reaction.sentence


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgements of the two profiles; None is no finding at all.

    ``why`` is added to the message: what the page says of this very place, quoted. ``taken`` is the
    judgement of ``documented`` on what the reader's own schema takes there, where that is a milder one.
    """

    documented: Judgement | None
    reader: Judgement | None
    why: str = ""
    taken: Judgement | None = None

    def of(self, profile: Profile) -> Judgement | None:
        """Return the judgement of one profile."""
        return self.documented if profile == "documented" else self.reader


class Hit(NamedTuple):
    """One place where a rule is broken, before anybody judges it.

    ``message`` may be a function that returns it, called only where the finding is kept.
    ``line`` is set by rules over a file only. ``site`` is set where the verdict is that of
    another place than ``path``: a misspelt key is judged as the key that was meant, any other
    unknown key as one of its object's ``OTHER_KEYS``.
    """

    path: Path
    message: str | Callable[[], str]
    line: int = 0
    site: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """Look for what a keyword of the format's JSON Schema says."""

    keyword: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """Look for a fact about the file, its encoding or its JSON."""

    fact: str


class Twin(NamedTuple):
    """The cheap twin of a rule: ``sure(record)`` says whether a decoded record is certain to have no breach.

    ``together`` is one function that is sure of this rule and of others at once, which costs less
    than to ask each.
    """

    sure: Callable[[Any], bool]
    together: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Look at one record: ``find(value)`` yields a hit for every breach, in any JSON value.

    ``clean(schema)`` returns the cheap twin for records decoded by that schema: True where no record
    that the schema takes can have a breach, None where there is no twin. A format whose rules all have
    twins is checked at the speed of a parse where it is clean.
    """

    find: Callable[[Any], Iterable[Hit]]
    clean: Callable[[Node], Twin | Literal[True] | None] | None = None


class Kept(NamedTuple):
    """The cheap twin of a fold that only keeps something of one text: ``append(of(record.attribute))``."""

    attribute: str
    of: Callable[[str], Any]
    append: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class File:
    """Look at all records of a file as a fold.

    ``start()`` makes an empty state; ``add(state, n, raw, value)`` takes line ``n`` as bytes with
    its value, None where the line holds no JSON; ``merge(a, b, lines)`` joins the states of two
    neighbouring parts of one file, the first ``lines`` long; ``finish(state)`` yields the hits in the
    order of their lines, which are judged whatever value stands there.

    ``skip(state, n)`` is called wherever the lines are not all added: line ``n`` has been read.

    A fold that keeps less than it needs to be certain reads some lines again: ``doubts(state)``
    returns their numbers, in order, and ``again(state, n, value)`` takes the value of each.

    ``quick(schema, state)`` returns the cheap twin of ``add`` for one state and records decoded by that
    schema: it takes (n, record), and returns true where no later record can change the state. It may
    return a ``Kept`` instead, which costs less.

    ``only_over`` says that no line of at most so many bytes changes a state, so that there is no
    need of a twin. ``share(state)`` is called on an empty state that will be merged with those of other processes.
    """

    start: Callable[[], Any]
    add: Callable[[Any, int, bytes, Any], None]
    merge: Callable[[Any, Any, int], Any]
    finish: Callable[[Any], Iterable[Hit]]
    skip: Callable[[Any, int], None] | None = None
    doubts: Callable[[Any], Sequence[int]] | None = None
    again: Callable[[Any, int, Any], None] | None = None
    quick: Callable[[Node, Any], Callable[[int, Any], Any] | Kept | None] | None = None
    share: Callable[[Any], None] | None = None
    only_over: int | None = None


class Pair(NamedTuple):
    """A request and the response to it, either any JSON value, and who judges the two.

    ``classes`` are those of the dataset that the model was trained with, None where nobody says.
    """

    request: Any
    response: Any
    profile: Profile
    classes: tuple[str | int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Look at a response beside its request: ``find(pair)`` yields a hit for every breach.

    The path of a hit leads into the response.
    """

    find: Callable[[Pair], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Files:
    """Look at a record of a file beside other files: ``find(value, others)`` yields a hit for every breach.

    ``others`` is what is known of the files that belong together: what that is, the family says. The path of
    a hit leads into the value. ``among`` says what makes them belong together: one training job, which wrote
    some of them, or one dataset.
    """

    find: Callable[[Any, Any], Iterable[Hit]]
    among: Literal["job", "dataset"] = "job"


@dataclass(frozen=True, slots=True)
class Image:
    """Look at the file of a record's image: ``find(value, image)`` yields a hit for every breach.

    Where images are checked it is asked of every record with a ``Format.image_claim``, valid or not.
    """

    find: Callable[[Any, SeenImage], Iterable[Hit]]


Look: TypeAlias = Schema | Parsed | Record | File | Files | Image | Exchange


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong, under a stable code and name.

    ``replaces`` lists the codes of broader rules whose finding at the same path says less.
    """

    code: str
    name: str
    title: str
    source: str
    verdict: Verdict
    look: Look
    replaces: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Format:
    """One documented data format.

    ``schemas`` maps a profile to a schema, given as a value or as the name of one of our files;
    without ``"reader"`` both profiles share ``"documented"``. ``verdicts`` maps (site, rule code,
    kind of value) to the verdict there, where it is not the rule's own; a site may be
    ``ANYWHERE`` and a kind ``ANY_KIND``. ``marks`` are the keys that show a file to be of this
    family; ``specific(value)`` says how particular to this format a record looks, 0 being not at
    all, and below 0 that its keys show another format of the family. ``misspellings`` maps keys that
    people write to the documented ones. ``draw`` is a callable that returns a strategy of records,
    for a user's own format whose rules its schema cannot say: ``draw(format, profile=...)``.
    ``breaches`` is its counterpart for breaking records: ``breaches(format, profile)`` returns the
    ``Breaches`` that its schema does not give. ``unread(value, path)`` says whether the reader never
    looks at a place of this very value, because of what stands elsewhere in it: then it minds nothing
    there, whatever its schema says. ``read`` turns a valid record into what it shows, one
    ``AnnotatedImage`` an image; None where the format shows no annotations. ``image_claim`` returns what
    a record, any JSON value, says of its image's file, None where it names none; None is a format of no files.
    ``image_limits`` are what images its service takes beyond what a record says.
    """

    id: str
    title: str
    source: str
    unit: Unit
    schemas: Mapping[Profile, Mapping[str, Any] | str]
    rules: tuple[Rule, ...]
    verdicts: Mapping[tuple[str, str, str], Verdict] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    specific: Callable[[Any], int] = lambda value: 0
    misspellings: Mapping[str, str] = field(default_factory=dict)
    draw: Callable[..., Any] | None = None
    breaches: Callable[..., Any] | None = None
    unread: Callable[[Any, Path], bool] = lambda value, path: False
    read: Callable[[Any], list[AnnotatedImage]] | None = None
    image_claim: Callable[[Any], ImageClaim | None] | None = None
    image_limits: ImageLimits | None = None

    def __post_init__(self) -> None:
        if "documented" not in self.schemas:
            raise ValueError(f"format {self.id!r}: schemas needs the key 'documented'")
        codes = [rule.code for rule in self.rules]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"format {self.id!r}: two rules have the code {twice[0]!r}")

    def __repr__(self) -> str:
        return f"<Format {self.id}>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # A format of the table is sent to another process by its id: its functions could not be.
        from pytest_visionfmt.formats import TABLE, named

        return (named, (self.id,)) if TABLE.get(self.id) is self else super().__reduce_ex__(protocol)

    def schema(self, profile: Profile = "documented") -> Mapping[str, Any]:
        """Return the JSON Schema of a profile."""
        check_profile(profile)
        schema = self.schemas.get(profile, self.schemas["documented"])
        return load_schema(schema) if isinstance(schema, str) else schema

    def verdict(self, rule: Rule, site: str, kinds: Iterable[str]) -> Verdict:
        """Return the verdict on a breach of ``rule`` at ``site`` by a value of these kinds."""
        for kind in kinds:
            if found := self.verdicts.get((site, rule.code, kind)):
                return found
        return self.verdicts.get((ANYWHERE, rule.code, ANY_KIND), rule.verdict)
