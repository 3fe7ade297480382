"""The JSON Schema of a grid file, for editors and other programs."""

from __future__ import annotations

from typing import Any

from tamna.grid.model import Island


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a grid file; a figure may also be a bare number."""
    schema = Island.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "tamna grid file"
    definitions = schema["$defs"]
    for name in ("Figure", "DatedFigure"):
        group = definitions.pop(name)
        properties = group["properties"]
        properties["use"] = properties["value"]
        properties["source"] = properties["source"] | {"anyOf": [{"type": "string"}, {"type": "array"}]}
        for key in ("type", "items"):
            properties["source"].pop(key, None)
        group.pop("required", None)
        group["anyOf"] = [{"required": ["value"]}, {"required": ["use"]}]
        definitions[name] = {"anyOf": [{"type": "number"}, group]}
    point = definitions["Demand"]["properties"]["point"]
    definitions["Demand"]["properties"]["point"] = {"anyOf": [{"type": "string"}, point]}
    loose: dict[str, Any] = _with_loose_lists(schema)
    return loose


def _with_loose_lists(node: Any) -> Any:
    """Allow one text where a list of texts may stand, and one figure where dated ones may."""
    if isinstance(node, list):
        return [_with_loose_lists(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    loose = {key: _with_loose_lists(value) for key, value in node.items()}
    items = loose.get("items")
    if loose.get("type") == "array" and isinstance(items, dict):
        single = items == {"type": "string"} or items.get("$ref", "").endswith("/DatedFigure")
        if single:
            kept = {key: loose.pop(key) for key in ("default", "title", "description") if key in loose}
            return {"anyOf": [items, loose], **kept}
    return loose
