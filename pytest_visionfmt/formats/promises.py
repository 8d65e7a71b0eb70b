"""What a schema promises of every record that it takes: the cheap twins of rules count on nothing else."""

from __future__ import annotations

from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.schema_nodes import Node

__all__ = ["has", "is_list_of", "types_at"]


def types_at(root: Node, path: Path) -> frozenset[str]:
    """Return the types that the schema names at a path, none where it may be anything."""
    node = root.at(path)
    return frozenset(node.types) if node else frozenset()


def has(root: Node, path: Path, *keys: str) -> bool:
    """Whether every object at a path has these keys."""
    node = root.at(path)
    return node is not None and node.types == ("object",) and set(keys) <= set(node.required)


def is_list_of(root: Node, path: Path, *types: str) -> bool:
    """Whether there is a list at a path, of items of these types alone."""
    node = root.at(path)
    found = types_at(root, (*path, 0))
    return node is not None and node.types == ("array",) and bool(found) and found <= {*types}
