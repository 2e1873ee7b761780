"""What a form, a command line or a page has to know of a task's arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.tasks.arguments import Arguments

# By the type and format of JSON schema.
KINDS = {
    ("boolean", None): "yes or no",
    ("integer", None): "whole number",
    ("number", None): "number",
    ("string", "date-time"): "time",
    ("string", "date"): "date",
    ("string", None): "text",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One argument; `kind` is a word for people, `least` and `most` are bounds of a number that has them."""

    name: str
    kind: str
    description: str
    default: Any
    example: str | None
    choices: tuple[str, ...]
    least: float | None
    most: float | None

    @property
    def default_in_words(self) -> str:
        match self.default:
            case None:
                return "not given"
            case bool():
                return "yes" if self.default else "no"
        return str(self.default)


def fields(arguments: type[Arguments]) -> tuple[Field, ...]:
    """The arguments that these are, in their order."""
    properties = arguments.model_json_schema().get("properties", {})
    return tuple(_field(name, schema) for name, schema in properties.items())


def _field(name: str, schema: Mapping[str, Any]) -> Field:
    value = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    choices = tuple(value.get("enum", ()))
    return Field(
        name=name,
        kind="choice" if choices else KINDS[value["type"], value.get("format")],
        description=schema["description"],
        default=schema.get("default"),
        example=next(iter(schema.get("examples", ())), None),
        choices=choices,
        least=value.get("minimum"),
        most=value.get("maximum"),
    )
