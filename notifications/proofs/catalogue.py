"""Which templates there are, whose they are, and which events use them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError, nodes

from domain.alerts import EventKind
from notifications.proofs.files import built_in, overriding, path_of
from notifications.template_sandbox import Sandbox, sandbox

DIGEST = "digest"
ROOTS = ("subject.txt", "body.txt", "body.html", "slack.txt")
CONVERSATION = "shared/conversation.txt"


@dataclass(frozen=True, slots=True)
class Template:
    """A template by its name; `override` is the operator's file that goes before ours, `used_by` the events.

    One that is not `built_in` is new: it is used where it has the name that is looked for first.
    """

    name: str
    built_in: bool
    override: Path | None
    used_by: tuple[str, ...]


def catalogue(overrides: Path | None) -> list[Template]:
    """Every template, ours and the operator's, by name."""
    ours, theirs, used = built_in(), overriding(overrides), uses(overrides)
    return [
        Template(name, name in ours, path_of(name, overrides) if name in theirs else None, used.get(name, ()))
        for name in sorted({*ours, *theirs})
    ]


def events() -> tuple[str, ...]:
    """Every event that a message may tell of, and the digest."""
    return (*(kind.value for kind in EventKind), DIGEST)


def uses(overrides: Path | None) -> Mapping[str, tuple[str, ...]]:
    """The events that use each template, directly or through others."""
    sources, found = _Sources(sandbox(overrides)), defaultdict(list)
    for event in events():
        for name in sources.reached(event):
            found[name].append(event)
    return {name: tuple(users) for name, users in found.items()}


def roots(event: str) -> Iterator[tuple[str, ...]]:
    """What is looked for when an event is told of, each the first that there is."""
    for name in ROOTS:
        yield (
            (f"{event}/{name}",)
            if event == DIGEST and name == "subject.txt"
            else (
                f"{event}/{name}",
                f"shared/{name}",
            )
        )
    if event != DIGEST:
        yield (CONVERSATION,)


class _Sources:
    """The templates as they are written, each parsed once."""

    def __init__(self, templates: Sandbox) -> None:
        self._templates = templates
        self._known = frozenset(templates.list_templates())
        self._references: dict[str, list[nodes.Node]] = {}

    def reached(self, event: str) -> Iterator[str]:
        """Every template that a message of an event may come to, each once."""
        seen: set[str] = set()
        waiting = [self._first(names) for names in roots(event)]
        while waiting:
            name = waiting.pop()
            if name is not None and name not in seen:
                seen.add(name)
                yield name
                waiting += [self._first(_named(one, event)) for one in self._referenced(name)]

    def _first(self, names: Iterable[str]) -> str | None:
        return next((name for name in names if name in self._known), None)

    def _referenced(self, name: str) -> list[nodes.Node]:
        """The expressions after each include and extends of a template; none where it cannot be read."""
        if name not in self._references:
            try:
                tree = self._templates.parse(self._templates.source(name))
            except (TemplateError, UnicodeDecodeError):
                return []  # `check` says what is wrong with it
            self._references[name] = list(_expressions(tree))
        return self._references[name]


def _expressions(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What stands after each include and each extends."""
    yield from (node.template for node in tree.find_all(nodes.Include))
    yield from (node.template for node in tree.find_all(nodes.Extends))


def _named(expression: nodes.Node, event: str) -> Iterator[str]:
    match expression:
        case nodes.Const():
            yield str(expression.value)
        case nodes.List() | nodes.Tuple():
            for item in expression.items:
                yield from _named(item, event)
        case nodes.Concat():
            # `kind` is the one name that ours are put together with.
            yield "".join(event if isinstance(n, nodes.Name) else n.as_const() for n in expression.nodes)
