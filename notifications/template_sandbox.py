"""The Jinja environment of our templates: sandboxed, strict, with an end to every loop and every output."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.escaping import plain

BUILT_IN = Path(__file__).parent / "templates"
STEPS = 10_000
OUTPUT = 256 * 1024
SOURCE = 64 * 1024

_steps_left: ContextVar[int] = ContextVar("steps_left")


class Overrides(FileSystemLoader):
    """Templates from the operator's own directory, and from nowhere that a link in it points to."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        source, filename, uptodate = super().get_source(environment, template)
        if not Path(filename).resolve().is_relative_to(Path(self.searchpath[0]).resolve()):
            raise SecurityError(f"{template} leads out of {self.searchpath[0]}")
        if len(source) > SOURCE:
            raise SecurityError(f"{template} is larger than {SOURCE} characters")
        return source, filename, uptodate


class Sandbox(ImmutableSandboxedEnvironment):
    """A template can neither reach into Python nor keep a worker busy."""

    intercepted_binops = frozenset(["*", "**"])

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.globals["_step"] = _step

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Every loop calls `_step` first, as Jinja itself lets a loop within a loop run for days."""
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            step = nodes.Call(nodes.Name("_step", "load"), [], [], None, None)
            loop.body.insert(0, nodes.Output([step]))
        return template

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """`"x" * 10**9` is a gigabyte in one expression, so only small numbers are multiplied."""
        if not all(isinstance(side, int | float) and abs(side) <= 1e6 for side in (left, right)):
            raise SecurityError(f"{operator} takes numbers up to a million in a template")
        return super().call_binop(context, operator, left, right)

    def source(self, name: str) -> str:
        """What stands in the file of a template; raises what its loader does."""
        return str(self.loader.get_source(self, name)[0]) if self.loader else ""

    def rendered(self, names: list[str], placeholders: dict[str, Any]) -> str:
        """The first of `names` that exists, rendered; raises TemplateError or what the template ran into."""
        template = self.select_template(names)
        with _budget():
            return "".join(_bounded(template.generate(placeholders)))


def sandbox(overrides: Path | None) -> Sandbox:
    """The built-in templates, behind those in `overrides` if there are any."""
    built_in = FileSystemLoader(BUILT_IN)
    if overrides is None:
        return Sandbox(built_in)
    return Sandbox(ChoiceLoader([Overrides(overrides), built_in]))


def _step() -> str:
    left = _steps_left.get()
    if left <= 0:
        raise TemplateRuntimeError(f"the loops took more than {STEPS} steps")
    _steps_left.set(left - 1)
    return ""


@contextmanager
def _budget() -> Iterator[None]:
    token = _steps_left.set(STEPS)
    try:
        yield
    finally:
        _steps_left.reset(token)


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > OUTPUT:
            raise TemplateRuntimeError(f"the output is larger than {OUTPUT} characters")
        yield piece


def fault(error: Exception) -> str:
    """What is wrong with a template and in which line, in one sentence."""
    where = place(error)
    told = f"{where[0]}, line {where[1]}: " if where else ""
    return f"{told}{type(error).__name__}: {plain(str(error), 300)}"


def place(error: Exception) -> tuple[str, int] | None:
    """The template and the line that an error comes from, the innermost that it passed through."""
    if isinstance(error, TemplateSyntaxError) and error.name is not None:
        return error.name, error.lineno
    found, step = None, error.__traceback__
    while step is not None:
        filename = Path(step.tb_frame.f_code.co_filename)
        if filename.suffix in {".txt", ".html"}:
            found = f"{filename.parent.name}/{filename.name}", step.tb_lineno
        step = step.tb_next
    return found
