"""What is wrong with templates: found by reading each, and by rendering each message that there may be."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError, meta, nodes

from notifications.context import Context, DigestContext, Frame
from notifications.digest import Digest
from notifications.escaping import plain
from notifications.notice import Notice
from notifications.proofs import limits
from notifications.proofs.catalogue import DIGEST, ROOTS, events, uses
from notifications.proofs.facts import missing
from notifications.proofs.files import built_in, overriding, path_of
from notifications.rendering import Rendered, Renderer, RenderingError
from notifications.template_sandbox import Sandbox, place, sandbox

Subject = Notice | Digest


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a file, in which line if that is known, while telling of what, and what to do."""

    path: Path
    line: int | None
    fault: str
    remedy: str
    about: str | None = None

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        told = f" (in {self.about})" if self.about else ""
        return f"{where}: {self.fault}{told}; {self.remedy}"


def check(
    overrides: Path | None, subjects: Mapping[str, Subject], step: Callable[[str], None] = lambda _name: None
) -> list[Finding]:
    """Everything that is wrong, each once; `step` hears of each message before it is rendered."""
    found = [*_read(overrides)]
    renderer = Renderer(overrides)
    for name, subject in subjects.items():
        step(name)
        found += _rendered(renderer, overrides, name, subject)
    # What was read is said once, and not again of each message that stumbles over the same line.
    unique = {(one.path, one.line or one.fault): one for one in reversed(found)}
    return sorted(unique.values(), key=lambda one: (str(one.path), one.line or 0, one.fault))


def _read(overrides: Path | None) -> Iterator[Finding]:
    """What can be seen without any message: names of files, syntax, and names that no message has."""
    templates, used = sandbox(overrides), uses(overrides)
    for name in overriding(overrides):
        path = path_of(name, overrides)
        if name not in used:
            yield Finding(path, None, "no event uses it", _meant(name))
            continue
        yield from _in_source(templates, name, path, used[name])


def _meant(name: str) -> str:
    files = {one.partition("/")[2] for one in built_in()}
    known = {*built_in(), *(f"{event}/{file}" for event in events() for file in files)}
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"did you mean {near[0]}?" if near else "tocsin templates list shows the names that are looked for"


def _in_source(templates: Sandbox, name: str, path: Path, events: tuple[str, ...]) -> Iterator[Finding]:
    try:
        tree = templates.parse(path.read_text("utf-8"), name, str(path))
    except (TemplateError, UnicodeDecodeError) as error:
        yield Finding(path, getattr(error, "lineno", None), str(error), "correct the syntax of Jinja2")
        return
    known = _known(events)
    for unknown in sorted(meta.find_undeclared_variables(tree) - known - set(templates.globals)):
        line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name == unknown), None)
        near = difflib.get_close_matches(unknown, known, 1)
        meant = f"did you mean {near[0]}?" if near else "docs/messages.md lists what there is"
        yield Finding(path, line, f"there is no {unknown!r}", meant)


def _known(events: tuple[str, ...]) -> frozenset[str]:
    """The names that every message has which comes to a template."""
    contexts = [DigestContext if event == DIGEST else Context for event in events]
    return frozenset.intersection(*(frozenset(one.__dataclass_fields__) for one in contexts))


def _rendered(renderer: Renderer, overrides: Path | None, name: str, subject: Subject) -> Iterator[Finding]:
    try:
        context, rendered = renderer.proof(subject)
    except RenderingError as failed:
        where = place(failed.error)
        path = path_of(where[0], overrides) if where else path_of(f"shared/{ROOTS[1]}", overrides)
        remedy = "correct it; until then the built-in wording goes out"
        yield Finding(path, where[1] if where else None, _words(failed.error), remedy, name)
        return
    folder = DIGEST if isinstance(subject, Digest) else subject.kind.value
    for root, problem, remedy in _problems(context, rendered):
        candidates = [f"{folder}/{root}", f"shared/{root}"]
        own = [one for one in candidates if one in overriding(overrides)]
        path = path_of(next(iter(own), _ours(candidates)), overrides)
        yield Finding(path, None, problem, remedy, name)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {plain(str(error), 300)}"


def _ours(candidates: list[str]) -> str:
    return next(name for name in candidates if name in built_in())


def _problems(context: Frame, rendered: Rendered) -> Iterator[tuple[str, str, str]]:
    """The root that is to blame, what is wrong, and what to do."""
    yield from limits.problems(context, rendered)
    for name, fact, lacks in missing(context, rendered.text, rendered.html):
        has = "text" if lacks == "html" else "html"
        problem = f"{name} ({fact[:60]!r}) is in body.{'txt' if has == 'text' else 'html'} and not here"
        yield f"body.{'html' if lacks == 'html' else 'txt'}", problem, "say it in both, or in neither"
