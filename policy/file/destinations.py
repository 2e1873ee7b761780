"""The `[destinations]` of a file, with the secrets that they name; and the names that may be used at all."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from policy import builtin
from policy.destinations import AnyDestination, Console, SlackBot, SlackWebhook, Webhook
from policy.file import schema
from policy.file.parse import Parsed
from policy.file.places import Keys
from settings import FaultError
from settings.files import secret_in
from settings.model import Fields
from settings.web import web_url

# The settings that make up what the environment sets up, by the first letters of their names.
RESERVED = {"slack": ("slack_",), "email": ("smtp_", "email_"), builtin.CONSOLE.name: ()}

_HOOK = "https://example.com/hook"
_slack = web_url("https://hooks.slack.com/services/…", public=True)
_inside = web_url(_HOOK, inside=True)


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings, and the names of those that are wrong, of which nothing follows."""

    fields: Fields
    wrong: frozenset[str] = frozenset()

    def is_wrong(self, *beginnings: str) -> bool:
        return any(name.startswith(beginnings) for name in self.wrong) if beginnings else False


@dataclass(frozen=True, slots=True)
class Book:
    """The destinations there are, and the names that are not to be called unknown because they are broken."""

    destinations: Mapping[str, AnyDestination]
    broken: frozenset[str] = field(default_factory=frozenset)

    def check(self, parsed: Parsed, keys: Keys, name: str) -> bool:
        """Whether a name can be used; complains where it cannot."""
        if name in self.destinations:
            return True
        if name not in self.broken:
            parsed.complain(keys, f"there is no destination {name}", self._remedy(name))
        return False

    def _remedy(self, name: str) -> str:
        if name in RESERVED:
            settings = " and ".join(f"{beginning.upper()}…" for beginning in RESERVED[name])
            return f"set up {settings} in the environment, or use another one"
        near = difflib.get_close_matches(name, [*self.destinations, *self.broken], 1, 0.6)
        return f"did you mean {near[0]}?" if near else f"use one of {', '.join(self.destinations)}"


def book(parsed: Parsed, environment: Environment) -> Book:
    """All destinations: those of the environment, the console, and those of the file."""
    known: dict[str, AnyDestination] = {**builtin.environment(environment.fields)}
    broken = {str(keys[1]) for keys in parsed.broken if keys[0] == "destinations" and len(keys) > 1}
    broken |= {name for name, settings in RESERVED.items() if environment.is_wrong(*settings)}
    for keys, table in parsed.of("destinations"):
        name = str(keys[1])
        destination = _destination(parsed, keys, table, environment)
        if destination is None:
            broken.add(name)
        else:
            known[name] = destination
    found = Book({**known, builtin.CONSOLE.name: builtin.CONSOLE}, frozenset(broken))
    _check_fallbacks(parsed, found)
    return found


def _destination(
    parsed: Parsed, keys: Keys, table: schema.DestinationTable, environment: Environment
) -> AnyDestination | None:
    name = str(keys[1])
    if name in RESERVED:
        parsed.complain(keys, f"{name} is the one that the environment sets up", "give this one another name")
        return None
    common: dict[str, Any] = {"name": name, "fallback": table.fallback}
    if table.per_minute is not None:
        common["per_minute"] = table.per_minute
    secrets = _Secrets(parsed, keys)
    match table:
        case schema.SlackWebhookTable():
            url = secrets.url("url_file", table.url_file, _slack)
            return SlackWebhook(**common, url=url) if url else None
        case schema.WebhookTable():
            return _webhook(secrets, table, common)
        case schema.SlackBotTable():
            return _bot(parsed, keys, table, environment, common)
        case schema.EmailTable():
            return _email(parsed, keys, table, environment, common)
    return Console(**common)


def _webhook(secrets: "_Secrets", table: schema.WebhookTable, common: dict[str, Any]) -> Webhook | None:
    url = secrets.url("url_file", table.url_file, _inside if table.allow_private else _outside)
    secret = secrets.read("secret_file", table.secret_file) if table.secret_file else None
    return Webhook(**common, url=url, secret=secret, allow_private=table.allow_private) if url else None


def _outside(value: object) -> str:
    try:
        return web_url(_HOOK, public=True)(value)
    except FaultError as fault:
        _inside(value)  # what is wrong inside as well is not mended by a permission
        remedy = f"{fault.remedy}, or set allow_private = true if it is in your own network"
        raise FaultError(fault.fault, remedy) from None


def _bot(
    parsed: Parsed, keys: Keys, table: schema.SlackBotTable, environment: Environment, common: dict[str, Any]
) -> SlackBot | None:
    token = environment.fields.slack_bot_token
    if table.token_file:
        token = _Secrets(parsed, keys).read("token_file", table.token_file)
    elif token is None and not environment.is_wrong("slack_"):
        parsed.complain(keys, "it has no token", "add token_file, or set SLACK_BOT_TOKEN in the environment")
    if token is None:
        return None
    fields = environment.fields
    return SlackBot(
        **common,
        token=token,
        channel=table.channel,
        api_url=fields.slack_api_url,
        # The app that listens is the one of the environment: a bot of another app has nobody who listens.
        buttons=fields.slack_app_token is not None and table.token_file is None,
    )


def _email(
    parsed: Parsed, keys: Keys, table: schema.EmailTable, environment: Environment, common: dict[str, Any]
) -> AnyDestination | None:
    own = common | {"hide_recipients": table.hide_recipients}
    found = builtin.email(environment.fields, to=table.to, sender=table.sender, **own)
    if found is None and not environment.is_wrong("smtp_", "email_"):
        parsed.complain(
            keys, "there is no mail server or no sender", "set SMTP_HOST and EMAIL_FROM in the environment"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Reads the files that a destination names; a path that is a secret by mistake is not repeated."""

    parsed: Parsed
    keys: Keys

    def read(self, key: str, name: str) -> SecretStr | None:
        path = self.parsed.places.path.parent / name
        try:
            return SecretStr(secret_in(path))
        except FaultError as fault:
            self.parsed.complain((*self.keys, key), f"the file {fault.fault}", fault.remedy)
            return None

    def url(self, key: str, name: str, check: Callable[[object], str]) -> SecretStr | None:
        secret = self.read(key, name)
        if secret is None:
            return None
        try:
            return SecretStr(check(secret))
        except FaultError as fault:
            self.parsed.complain((*self.keys, key), f"in the file: {fault.fault}", fault.remedy)
            return None


def _check_fallbacks(parsed: Parsed, found: Book) -> None:
    for keys, table in parsed.of("destinations"):
        if table.fallback is None or not found.check(parsed, (*keys, "fallback"), table.fallback):
            continue
        way = [str(keys[1])]
        while (following := _fallback(found, way[-1])) and following not in way:
            way.append(following)
        if following == way[0]:
            parsed.complain(
                (*keys, "fallback"),
                f"the fallbacks go round in a circle ({' → '.join([*way, following])})",
                "let the last one have none",
            )


def _fallback(found: Book, name: str) -> str | None:
    destination = found.destinations.get(name)
    return destination.fallback if destination else None
