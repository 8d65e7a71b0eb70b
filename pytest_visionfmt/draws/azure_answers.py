"""Drawing Azure responses whose content is settled: what a model answers, written as the schema has it.

What it answers for each image stands in ``shared["answers"]``, an iterator in the order of the images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_visionfmt.draws import azure_geometry
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import Compiler, always
from pytest_visionfmt.value_decoders import Decoder, Drawing

if TYPE_CHECKING:
    from pytest_visionfmt.outputs.objects import Found

__all__ = ["answered", "reported"]

_HELD = Decoder(0, lambda b, at, drawing: None)  # the place of what is written when the object is there


def answered(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The scores of the next image."""
    return Decoder(0, lambda b, at, drawing: next(drawing.shared["answers"]))


def reported(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The objects found in the next image."""
    item = node.items or Node()
    axes = azure_geometry.axes_of(item.properties.get("box", Node()))
    corners = [key for edge in zip(*((axis.low, axis.high) for axis in axes), strict=True) for key in edge]
    own = {"label", "score", "polygon"}
    hooks = {site_: hook for site_, hook in compiler.hooks.items() if not site_.startswith(f"{site}[*]")}
    hooks |= {f"{site}[*].{key}": always(_HELD) for key in own}
    hooks |= {f"{site}[*].box.{key}": always(_HELD) for key in corners}
    size, read_object = Compiler(hooks, compiler.counts).object(item, f"{site}[*]")

    def write(b: bytes, at: int, found: Found, drawing: Drawing) -> dict[str, Any]:
        value: dict[str, Any] = read_object(b, at, drawing)
        value["box"].update(zip(corners, found.box, strict=True))
        value["label"], value["score"] = found.label, found.score
        if "polygon" in value:
            value["polygon"] = [list(contour) for contour in found.polygons]
        return value

    def read(b: bytes, at: int, drawing: Drawing) -> list[dict[str, Any]]:
        objects: list[dict[str, Any]] = []
        found = next(drawing.shared["answers"])

        def fill(b: bytes, at: int) -> None:
            objects.extend(write(b, at + i * size, one, drawing) for i, one in enumerate(found))

        drawing.pending.append((len(found) * size, fill))
        return objects

    return Decoder(0, read)
