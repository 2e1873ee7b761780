"""The kinds of values that settings have, other than URLs and addresses: numbers, names, choices, secrets."""

import difflib
import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr

from domain import hosts
from settings.addresses import LONGEST_ADDRESS
from settings.problems import FaultError, shown

# float() would also take '1_0', 'nan', '1e400' and Arabic digits.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_MACHINE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def number(low: float, high: float, example: str, *, whole: bool = False) -> BeforeValidator:
    """A number from `low` to `high`; `example` completes "set it to …"."""
    kind, pattern = ("a whole number", _WHOLE) if whole else ("a number", _NUMBER)

    def parse(value: object) -> float:
        text = str(value).strip()
        if not pattern.fullmatch(text) or not low <= float(text) <= high:
            raise FaultError(f"{shown(value)} is not {kind} from {low:g} to {high:g}", f"set it to {example}")
        return int(text) if whole else float(text)

    return BeforeValidator(parse)


def choice(*choices: str) -> BeforeValidator:
    """One of a few words, in any case of letters."""

    def parse(value: object) -> str:
        word = str(value).strip().lower()
        if word not in choices:
            near = difflib.get_close_matches(word, choices, 1, 0.5)
            remedy = f"did you mean {near[0]}?" if near else f"set it to one of {', '.join(choices)}"
            raise FaultError(f"{shown(value)} is not one of {', '.join(choices)}", remedy)
        return word

    return BeforeValidator(parse)


def text(longest: int, what: str) -> BeforeValidator:
    """A line of 1 to `longest` printable characters; `what` completes "is not …"."""

    def parse(value: object) -> str:
        line = str(value).strip()
        if not 1 <= len(line) <= longest or not line.isprintable():
            raise FaultError(
                f"{shown(value)} is not {what}", f"use 1 to {longest} printable characters on one line"
            )
        return line

    return BeforeValidator(parse)


def secret(what: str, starts: str = "") -> BeforeValidator:
    """A secret of one line that may have to start in a known way; it is never quoted."""

    def parse(value: object) -> SecretStr:
        hidden = value if isinstance(value, SecretStr) else SecretStr(str(value))
        plain = hidden.get_secret_value()
        if any(ord(character) < 32 or ord(character) == 127 for character in plain):
            raise FaultError(f"the {what} holds a control character or a line break", "write it on one line")
        if not plain.startswith(starts) or plain == starts:
            raise FaultError(
                f"the value is not a {what}, which starts with {starts}", "copy it once more, whole"
            )
        return hidden

    return BeforeValidator(parse)


def _host_name(value: object) -> str:
    name = str(value).strip()
    if name == hosts.SELF:
        raise FaultError(
            f"{shown(value)} is the name under which Tocsin watches itself", "give the host another"
        )
    if not hosts.is_host_name(name):
        raise FaultError(
            f"{shown(value)} is not the name of a host",
            f"use 1 to {hosts.LONGEST} printable characters without spaces, such as web-1",
        )
    return name


def _machine(value: object) -> str:
    name = str(value).strip().removeprefix("[").removesuffix("]")
    if len(name) > hosts.LONGEST or not (_MACHINE.fullmatch(name) or _is_ip(name)):
        raise FaultError(
            f"{shown(value)} is not the name or the address of a machine", "set it to one, such as 127.0.0.1"
        )
    return name


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _login(value: object) -> str:
    name = str(value).strip()
    # RFC 7617, section 2: the user name of basic authentication cannot hold a colon.
    if not 1 <= len(name) <= LONGEST_ADDRESS or not name.isprintable() or ":" in name:
        raise FaultError(f"{shown(value)} is not a user name", "use printable characters, and no colon")
    return name


def _path(value: object) -> Path:
    line = str(value)
    if "\0" in line or not line.isprintable():
        raise FaultError(
            "the value is not one path on one line",
            "set the variable to the path itself; its _FILE form names a file that holds the path",
        )
    try:
        return Path(line).expanduser().absolute()
    except RuntimeError:
        raise FaultError(
            f"{shown(value)} starts with ~, and no such home is known", "write the whole path"
        ) from None


def _folder(value: object) -> Path:
    path = _path(value)
    try:
        path.stat()
    except OSError as error:
        raise FaultError(f"{shown(path)} cannot be read ({error.strerror})", "correct the path") from None
    if not path.is_dir():
        raise FaultError(f"{shown(path)} is not a folder", "name a folder")
    if not os.access(path, os.R_OK | os.X_OK):
        raise FaultError(
            f"{shown(path)} cannot be read (Permission denied)", "correct the rights of the folder"
        )
    return path


def _yes(value: object) -> bool:
    words = {
        "1": True,
        "yes": True,
        "true": True,
        "on": True,
        "0": False,
        "no": False,
        "false": False,
        "off": False,
    }
    word = str(value).strip().lower()
    if word not in words:
        raise FaultError(f"{shown(value)} is neither yes nor no", "set it to 1 or 0")
    return words[word]


Percent = Annotated[float, number(0, 100, "a percentage such as 70")]
Milliseconds = Annotated[float, number(1, 60_000, "milliseconds such as 1000")]
Days = Annotated[int, number(1, 36_500, "days such as 30", whole=True)]
DaysOrNever = Annotated[int, number(0, 36_500, "days such as 3, or to 0 for never", whole=True)]
CooldownMinutes = Annotated[int, number(1, 1440, "minutes such as 15", whole=True)]
Port = Annotated[int, number(1, 65_535, "a port such as 587", whole=True)]
HostName = Annotated[str, BeforeValidator(_host_name)]
Machine = Annotated[str, BeforeValidator(_machine)]
SlackChannel = Annotated[str, text(80, "a channel of Slack")]
SlackToken = Annotated[SecretStr, secret("token of a Slack bot", "xox")]
SlackAppToken = Annotated[SecretStr, secret("token of a Slack app", "xapp-")]
LoginName = Annotated[str, BeforeValidator(_login)]
UserName = Annotated[str, text(254, "a user name")]
Headers = Annotated[SecretStr, secret("list of headers")]
Token = Annotated[SecretStr, secret("token")]
Password = Annotated[SecretStr, secret("password")]
AbsolutePath = Annotated[Path, BeforeValidator(_path)]
Folder = Annotated[Path, BeforeValidator(_folder)]
Yes = Annotated[bool, BeforeValidator(_yes)]
LogFormat = Annotated[Literal["auto", "columns", "json"], choice("auto", "columns", "json")]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"], choice("debug", "info", "warning", "error")
]
SmtpSecurity = Annotated[Literal["starttls", "tls", "none"], choice("starttls", "tls", "none")]
