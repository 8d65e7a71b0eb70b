"""What a check says: findings, how bad they are, and what the service would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Evidence", "Finding", "InvalidRecord", "Reaction", "Severity"]


class Severity(StrEnum):
    """How bad a finding is: errors fail, warnings fail under ``strict``, notes never do."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 for an error."""
        return ("note", "warning", "error").index(self.value)


class Reaction(StrEnum):
    """What the service does when it meets the breach."""

    LOAD_FAILS = "load-fails"
    JOB_CRASHES = "job-crashes"
    IMAGE_SKIPPED = "image-skipped"
    OBJECT_DROPPED = "object-dropped"
    VALUE_MISREAD = "value-misread"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"

    @property
    def sentence(self) -> str:
        """The reaction in words, for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Reaction.LOAD_FAILS: "loading the file fails",
    Reaction.JOB_CRASHES: "the training job crashes",
    Reaction.IMAGE_SKIPPED: "the reader skips the whole image, with a warning in the job's log",
    Reaction.OBJECT_DROPPED: "the reader drops this object silently",
    Reaction.VALUE_MISREAD: "the reader takes it for something else, silently",
    Reaction.ACCEPTED: "the reader accepts it",
    Reaction.UNKNOWN: "what the service does is not known",
}


class Evidence(StrEnum):
    """How a reaction is known: seen by running the service's code, read in its source,
    said in the documents, or inferred from them."""

    RUN = "run"
    READ = "read"
    DOCUMENTED = "documented"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule at one place.

    ``path`` is an RFC 9535 path into the record. ``line`` and ``column`` are 1-based, columns
    count Unicode code points; both are 0, and ``file`` and ``excerpt`` empty, where a value was
    checked that came from no file. ``consequence`` is ``reaction`` in words for this very place.
    """

    code: str
    name: str
    severity: Severity
    message: str
    path: str
    file: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""
    reaction: Reaction = Reaction.UNKNOWN
    evidence: Evidence = Evidence.INFERRED
    consequence: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code} {self.name}]"


class InvalidRecord(AssertionError):
    """A value does not hold what its format asks for; ``findings`` says where and why."""

    def __init__(self, summary: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        lines = (f"  {finding.file} {finding}" if finding.file else f"  {finding}" for finding in self.findings)
        super().__init__("\n".join([summary, *lines]))
