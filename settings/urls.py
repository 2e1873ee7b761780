"""The settings that are URLs: checked without connecting, brought to one form, and shown without secrets."""

import ipaddress
from collections.abc import Callable
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import BeforeValidator, SecretStr

from settings.problems import MASK, FaultError

# What libpq 17 knows (https://www.postgresql.org/docs/17/libpq-connect.html, "Parameter Key Words").
# A key that it does not know is the rest of a password with a ? in it, which psycopg would repeat in its
# error.
_LIBPQ = """
    application_name channel_binding client_encoding connect_timeout dbname fallback_application_name
    gssdelegation gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle
    keepalives_interval krbsrvname load_balance_hosts max_protocol_version min_protocol_version options
    passfile password port require_auth requirepeer service ssl_max_protocol_version
    ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey sslmode
    sslnegotiation sslpassword sslrootcert sslsni target_session_attrs tcp_user_timeout user
"""
_REDIS = "db ssl_ca_certs ssl_cert_reqs ssl_certfile ssl_check_hostname ssl_keyfile virtual_host"
_OTHERS = "amqp file http https mariadb mongodb mssql mysql oracle postgres postgresql redis rediss sqlite"
_SECRET_KEYS = ("password", "sslpassword")
_ENCODE = "write special characters of user name and password encoded, such as %40 for @"


def database_url(value: object) -> SecretStr:
    """A URL of PostgreSQL in the form that SQLAlchemy takes with psycopg 3."""
    url = _split(_plain(value), "postgresql://user:password@host:5432/database")
    if url.scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise FaultError(f"{_kind(url)} is not one of PostgreSQL", "start it with postgresql://")
    name = unquote(url.path.removeprefix("/"))
    if "@" in name or "/" in name:
        raise FaultError("the name of the database holds @ or /", _ENCODE)
    query = _query(url, _LIBPQ)
    host = _host(url)
    if host.startswith("/"):
        query, host = [*query, ("host", host)], ""
    if not host and not any(key in ("host", "hostaddr", "service") for key, _ in query):
        raise FaultError("the URL names no host", "write it as postgresql://user:password@host:5432/database")
    return SecretStr(_join("postgresql+psycopg", url, host, f"/{quote(name, safe='')}", query))


def redis_url(value: object) -> SecretStr:
    """A URL of Redis in the form that redis-py takes: redis://, rediss:// or unix://."""
    url = _split(_plain(value), "redis://host:6379/0")
    query = _query(url, _REDIS)
    if url.scheme in ("unix", "redis+socket"):
        if url.path in ("", "/") or url.hostname:
            raise FaultError("the URL names no socket", "write it as unix:///path/to/redis.sock")
        query = [("db" if key == "virtual_host" else key, text) for key, text in query]
        _database_number(dict(query).get("db", "0"))
        return SecretStr(_join("unix", url, "", url.path, query))
    if url.scheme not in ("redis", "rediss"):
        raise FaultError(f"{_kind(url)} is not one of Redis", "start it with redis://, rediss:// or unix://")
    if not url.hostname:
        raise FaultError("the URL names no host", "write it as redis://host:6379/0")
    number = _database_number(url.path.strip("/") or "0")
    if url.scheme == "rediss":
        query = [
            ("ssl_cert_reqs", _certificates(dict(query))),
            *((k, v) for k, v in query if k != "ssl_cert_reqs"),
        ]
    return SecretStr(_join(url.scheme, url, url.hostname, f"/{number}", query))


def broker_url(redis: SecretStr) -> SecretStr:
    """The same server in the form that Celery takes, which names Unix sockets in its own way."""
    url = urlsplit(redis.get_secret_value())
    if url.scheme != "unix":
        return redis
    query = [("virtual_host" if key == "db" else key, text) for key, text in parse_qsl(url.query)]
    # urlunsplit() would write one slash less: this scheme has no authority that it knows of.
    sign = "?" if query else ""
    return SecretStr(f"redis+socket://{url.netloc}{url.path}{sign}{urlencode(query)}")


def masked(url: str) -> str:
    """A URL that was accepted, with its password replaced and nothing of its query that may be secret."""
    parts = urlsplit(url)
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    account = f"{user}{colon}{MASK if colon else ''}@" if "@" in parts.netloc else ""
    query = urlencode([(k, MASK if k in _SECRET_KEYS else v) for k, v in parse_qsl(parts.query)], safe="*/")
    sign = "?" if query else ""
    return f"{parts.scheme}://{account}{parts.netloc.rpartition('@')[2]}{parts.path}{sign}{query}"


def masked_web(url: str) -> str:
    """A web address of which only scheme and host may be seen: the path of a webhook is its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{MASK}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.localdomain")


def web_url(example: str, *, encrypted: bool = True, public: bool = False) -> Callable[[object], str]:
    """A check for an http address, https unless it leads to this machine where `encrypted`.

    `public` refuses addresses of private networks, so that a typing mistake cannot reach into one.
    """

    def check(value: object) -> str:
        plain = _plain(value)
        url = _split(plain, example)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise FaultError("the URL is not a web address", f"write it as {example}")
        if url.username is not None:
            raise FaultError("the URL holds a user name", f"write it without one, as {example}")
        if encrypted and url.scheme == "http" and not is_loopback(url.hostname):
            raise FaultError("the URL is not encrypted", "start it with https://")
        if public and _is_private(url.hostname):
            raise FaultError("the URL leads into a private network", f"write it as {example}")
        return plain

    return check


def _hidden(check: Callable[[object], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: SecretStr(check(value)))


def _plain(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return plain.strip(" ")


def _split(plain: str, example: str) -> SplitResult:
    """The parts of a URL; faults name no part of it, because a password may be in any of them."""
    # urlsplit() drops tabs and line breaks without a word.
    if any(ord(character) < 33 or ord(character) == 127 for character in plain):
        raise FaultError(
            "the URL holds a space, a line break or a control character", f"write it as {example}"
        )
    try:
        url = urlsplit(plain)
        port = url.port
    except ValueError:
        raise FaultError(
            "host and port of the URL cannot be read, or the port is not from 1 to 65535", _ENCODE
        ) from None
    if not url.scheme or "://" not in plain:
        raise FaultError("the value is not a URL", f"write it as {example}")
    if port == 0:
        raise FaultError("0 is not a port from 1 to 65535", f"write it as {example}")
    if url.fragment:
        raise FaultError("the URL holds a #", _ENCODE)
    return url


def _host(url: SplitResult) -> str:
    """The host, which for PostgreSQL may be a directory, so that its letters must not be made small."""
    place = url.netloc.rpartition("@")[2]
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return unquote(place.partition(":")[0])


def _kind(url: SplitResult) -> str:
    """What a URL is of, where that is no secret for certain."""
    scheme, _, driver = url.scheme.partition("+")
    if scheme not in _OTHERS.split():
        return "the URL"
    return f"a URL of {scheme} for another driver" if driver else f"a URL of {scheme}"


def _query(url: SplitResult, known: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(url.query, keep_blank_values=True)
    if any(key not in known.split() for key, _ in pairs):
        raise FaultError("the URL has an option after the ? that is not known", f"take it out, or {_ENCODE}")
    return pairs


def _join(scheme: str, url: SplitResult, host: str, path: str, query: list[tuple[str, str]]) -> str:
    user, password = url.username, url.password
    account = "" if user is None else quote(unquote(user), safe="")
    if password is not None:
        account += ":" + quote(unquote(password), safe="")
    place = f"[{host}]" if ":" in host else host
    if url.port is not None:
        place += f":{url.port}"
    sign, at = "?" if query else "", "@" if account else ""
    return f"{scheme}://{account}{at}{place}{path}{sign}{urlencode(query, quote_via=quote, safe='/')}"


def _database_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 1_000_000:
        raise FaultError(
            "the part after the host is not the number of a database", f"end it with /0, or {_ENCODE}"
        )
    return int(text)


def _certificates(query: dict[str, str]) -> str:
    word = query.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    if word not in ("required", "optional", "none"):
        raise FaultError("ssl_cert_reqs is not required, optional or none", "set it to required")
    return word


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return not address.is_loopback and not address.is_global


DatabaseUrl = Annotated[SecretStr, BeforeValidator(database_url)]
RedisUrl = Annotated[SecretStr, BeforeValidator(redis_url)]
SlackWebhook = Annotated[
    SecretStr, _hidden(web_url("https://hooks.slack.com/services/T000/B000/XXXX", public=True))
]
SlackApi = Annotated[str, BeforeValidator(web_url("https://slack.com/api/", public=True))]
PingUrl = Annotated[SecretStr, _hidden(web_url("https://ping.example.com/my-check", encrypted=False))]
RunbookUrl = Annotated[str, BeforeValidator(web_url("https://runbooks.example.com/tocsin/", encrypted=False))]
