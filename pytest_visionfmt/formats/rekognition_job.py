"""What is kept of the files of one training job, so that they can be looked at beside each other.

Manifests may be large: of each image a digest and its labels are kept, of the predictions only counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeAlias

from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.moderation_counts import Recount
from pytest_visionfmt.formats.rekognition_cells import MODELS, blocks_of
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF, TRUTH
from pytest_visionfmt.json_paths import MISSING, value_at
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.values import is_number

__all__ = ["MODEL_OF", "Job", "Manifest", "Truth", "found_in", "image_of", "lowest_confidence", "names_in"]

MODEL_OF = {BASE_MODEL: "BaseModel", ADAPTER: "Adapter"}
"""What an evaluation calls the model whose predictions stand under a key of a testing output."""

Truth: TypeAlias = tuple[str, ...]
"""The labels of one image, in alphabetical order."""

_MOST_VERSIONS = 8


def names_in(record: Any) -> Truth | None:
    """Return the labels of a record's ground truth in alphabetical order, None where they cannot be told."""
    labels = value_at(record, (TRUTH, "ModerationLabels"))
    names = [value_at(label, ("Name",)) for label in labels] if isinstance(labels, list) else [None]
    texts = [name for name in names if isinstance(name, str)]
    return tuple(sorted(texts)) if len(texts) == len(names) else None


def found_in(record: Any) -> dict[str, dict[str, float]] | None:
    """Return how surely each model found which labels, None where either is not all there.

    A name that stands at two levels counts as sure as the surer of them.
    """
    found: dict[str, dict[str, float]] = {}
    for key, model in MODEL_OF.items():
        labels = value_at(record, (key, "ModerationLabels"))
        if not isinstance(labels, list):
            return None
        sure = found.setdefault(model, {})
        for label in labels:
            name, confidence = (value_at(label, (part,)) for part in ("Name", "Confidence"))
            if not isinstance(name, str) or not is_number(confidence):
                return None
            sure[name] = max(confidence, sure.get(name, confidence))
    return found


def lowest_confidence(output: Format, profile: Profile) -> float:
    """Return the lowest confidence that the predictions of a testing output may have."""
    node = nodes_of(output, profile).at((ADAPTER, "ModerationLabels", 0, "Confidence"))
    return node.minimum if node and node.minimum is not None else 0


def image_of(record: Any) -> bytes | None:
    """Return what stands for the name of a record's image: of long names, many are kept."""
    name = value_at(record, (SOURCE_REF,))
    return blake2b(name.encode(), digest_size=16).digest() if isinstance(name, str) else None


@dataclass(slots=True)
class Manifest:
    """What is kept of a manifest that was read.

    ``images`` maps each image to its ground truths, several where it is there several times. ``whole`` says
    that every line was understood: what is not here then is not in the file.
    """

    images: dict[bytes, tuple[Truth, ...]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    records: int = 0
    whole: bool = True
    _truths: dict[tuple[Truth, ...], tuple[Truth, ...]] = field(default_factory=dict)

    def add(self, record: Any) -> None:
        """Take a record, ``MISSING`` where the line holds none."""
        self.records += 1
        image, truth = image_of(record), names_in(record)
        if image is None or truth is None:
            self.whole = False
            return
        self.labels.update(truth)
        truths = tuple(dict.fromkeys((*self.images.get(image, ()), truth)))
        self.images[image] = self._truths.setdefault(truths, truths)


@dataclass(slots=True)
class Job:
    """What is known of the files of one training job; None, or ``MISSING``, where one is not given or not legible.

    ``looking_at`` is the name of the file that the rules are asked about. ``recount`` counts what the predictions
    of the testing output say, None where they do not say it. ``versions`` maps the adapters that the testing output
    names to the first line that does.
    """

    input: Manifest | None = None
    training_output: Manifest | None = None
    testing_output: Manifest | None = None
    evaluation: Any = MISSING
    looking_at: str = ""
    recount: Recount | None = None
    versions: dict[str, int] = field(default_factory=dict)

    def evaluate(self, evaluation: Any, lowest: float) -> None:
        """Take the evaluation, before the manifests; the predictions hold nothing of a confidence below ``lowest``."""
        self.evaluation = evaluation
        blocks = blocks_of(evaluation)
        labels = dict.fromkeys(label for block in blocks for _, label in block.labels)
        thresholds = {block.threshold for block in blocks if block.threshold is not None and block.threshold >= lowest}
        self.recount = Recount(labels, sorted(thresholds), MODELS)

    def begin(self, name: str) -> None:
        """Begin a manifest; several inputs are one."""
        self.looking_at = name
        if getattr(self, name) is None:
            setattr(self, name, Manifest())

    def add(self, record: Any, line: int) -> None:
        """Take a record of the manifest begun last, ``MISSING`` where the line holds none."""
        manifest: Manifest = getattr(self, self.looking_at)
        manifest.add(record)
        if self.looking_at != "testing_output":
            return
        version = value_at(record, (ADAPTER, "ProjectVersion"))
        if isinstance(version, str) and len(self.versions) < _MOST_VERSIONS:
            self.versions.setdefault(version, line)
        if self.recount is not None:
            names, found = names_in(record), found_in(record)
            if names is None or found is None:
                self.recount = None
            else:
                self.recount.add(names, found)

    @property
    def outputs(self) -> list[Manifest]:
        """Both outputs, or none where one of them is not known line by line."""
        both = [output for output in (self.training_output, self.testing_output) if output and output.whole]
        return both if len(both) == 2 else []
