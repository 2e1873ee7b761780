"""The URLs of PostgreSQL and Redis: checked without connecting, and brought to one form."""

from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import BeforeValidator, SecretStr

from settings.problems import FaultError
from settings.urls import ENCODE, join, split, text_of

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


def database_url(value: object) -> SecretStr:
    """A URL of PostgreSQL in the form that SQLAlchemy takes with psycopg 3."""
    url = _split(value, "postgresql://user:password@host:5432/database")
    if url.scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise FaultError(f"{_kind(url)} is not one of PostgreSQL", "start it with postgresql://")
    name = unquote(url.path.removeprefix("/"))
    if "@" in name or "/" in name:
        raise FaultError("the name of the database holds @ or /", ENCODE)
    query = _query(url, _LIBPQ)
    host = _host(url)
    if host.startswith("/"):
        query, host = [*query, ("host", host)], ""
    if not host and not any(key in ("host", "hostaddr", "service") for key, _ in query):
        raise FaultError("the URL names no host", "write it as postgresql://user:password@host:5432/database")
    return SecretStr(join("postgresql+psycopg", url, host, f"/{quote(name, safe='')}", query))


def redis_url(value: object) -> SecretStr:
    """A URL of Redis in the form that redis-py takes: redis://, rediss:// or unix://."""
    url = _split(value, "redis://host:6379/0")
    query = _query(url, _REDIS)
    if url.scheme in ("unix", "redis+socket"):
        if url.path in ("", "/") or url.hostname:
            raise FaultError("the URL names no socket", "write it as unix:///path/to/redis.sock")
        query = [("db" if key == "virtual_host" else key, text) for key, text in query]
        _database_number(dict(query).get("db", "0"))
        return SecretStr(join("unix", url, "", url.path, query))
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
    return SecretStr(join(url.scheme, url, url.hostname, f"/{number}", query))


def broker_url(redis: SecretStr) -> SecretStr:
    """The same server in the form that Celery takes, which names Unix sockets in its own way."""
    url = urlsplit(redis.get_secret_value())
    if url.scheme != "unix":
        return redis
    query = [("virtual_host" if key == "db" else key, text) for key, text in parse_qsl(url.query)]
    # urlunsplit() would write one slash less: this scheme has no authority that it knows of.
    sign = "?" if query else ""
    return SecretStr(f"redis+socket://{url.netloc}{url.path}{sign}{urlencode(query)}")


def _split(value: object, example: str) -> SplitResult:
    url = split(text_of(value), example)
    if url.fragment:
        raise FaultError("the URL holds a #", ENCODE)
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
        raise FaultError("the URL has an option after the ? that is not known", f"take it out, or {ENCODE}")
    return pairs


def _database_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise FaultError(
            "the part after the host is not the number of a database", f"end it with /0, or {ENCODE}"
        )
    return int(text)


def _certificates(query: dict[str, str]) -> str:
    word = query.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    if word not in ("required", "optional", "none"):
        raise FaultError("ssl_cert_reqs is not required, optional or none", "set it to required")
    return word


DatabaseUrl = Annotated[SecretStr, BeforeValidator(database_url)]
RedisUrl = Annotated[SecretStr, BeforeValidator(redis_url)]
