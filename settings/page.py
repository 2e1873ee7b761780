"""The page `docs/settings.md`, made from the model so that it cannot drift from it."""

import sys
from collections.abc import Iterator

from settings.model import SECTIONS, Section, is_secret
from settings.reading import SUFFIX

HEAD = f"""# Settings

Tocsin reads its settings from the environment, once, when it starts. None is needed: without any,
`tocsin up` starts everything on this machine and shows alerts on the console.

- Every setting can come from a file instead: `SLACK_WEBHOOK_URL{SUFFIX}=/run/secrets/slack` reads it from
  there, without the line break at the end. That is the way for secrets, which are marked below.
- An empty variable counts as not set. Wrong values, half of a pair and misspelt names stop Tocsin before
  anything starts, all of them named at once.
- `tocsin config check` says whether all is right, and `tocsin config show` what holds and where it comes
  from.
- Rules, routes, escalation policies and maintenance windows are in a file of their own, named by
  `TOCSIN_RULES`; [tocsin.example.toml](../tocsin.example.toml) explains it.
"""


def page() -> str:
    """The whole page, Markdown."""
    return HEAD + "".join(f"\n{part}" for section in SECTIONS for part in _section(section))


def _section(section: type[Section]) -> Iterator[str]:
    yield f"## {section.__doc__}\n"
    yield "| setting | default | what it is |\n| --- | --- | --- |\n" + "".join(
        f"| `{field.upper()}` | {_default(field, about.default)} | {_text(field, about.description)} |\n"
        for field, about in section.model_fields.items()
    )


def _default(field: str, default: object) -> str:
    if field in ("host_name", "tocsin_home"):
        return "see there"
    if default is None or default == ():
        return "not set"
    text = f"{default:g}" if isinstance(default, float) else str(default)
    return "`0`" if default is False else f"`{text}`"


def _text(field: str, description: str | None) -> str:
    return f"{description or ''}{' *Secret.*' if is_secret(field) else ''}".replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
