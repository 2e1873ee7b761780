"""What docker-compose.yml says, read from the file itself or from what Compose makes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

# ${NAME}, ${NAME:-otherwise} and ${NAME:+instead}; $$ is a dollar sign.
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<sign>[-+])(?P<word>[^}]*))?\})")
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
SECONDS = {"h": 3600, "m": 60, "s": 1}

Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what is written about it, and what of that tests ask for in one form."""

    name: str
    written: Written

    @property
    def limits(self) -> dict[str, float]:
        """CPU in cores, memory in bytes, and the number of processes."""
        return _resources(self.written["deploy"]["resources"]["limits"])

    @property
    def reservations(self) -> dict[str, float]:
        return _resources(self.written["deploy"]["resources"]["reservations"])

    @property
    def health(self) -> dict[str, Any]:
        """Its health check, with times in seconds; empty where there is none."""
        written = self.written["healthcheck"]
        if written.get("disable"):
            return {}
        times = {name: seconds(written[name]) for name in ("interval", "timeout", "start_period")}
        return {"test": written["test"], "retries": written["retries"], **times}

    @property
    def waits_for(self) -> dict[str, str]:
        """What has to be the case with others before it starts."""
        return {name: after["condition"] for name, after in self.written.get("depends_on", {}).items()}

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.written.get("environment", {}).items()}

    @property
    def networks(self) -> frozenset[str]:
        return frozenset(self.written["networks"])

    @property
    def secrets(self) -> dict[str, str]:
        """The names of the secrets that it gets, by their paths inside."""
        pairs = [(s, s) if isinstance(s, str) else (s["source"], s["target"]) for s in self._secrets]
        return {f"/run/secrets/{target.removeprefix('/run/secrets/')}": source for source, target in pairs}

    @property
    def published(self) -> list[tuple[str, str]]:
        """Address on the host and port inside of each published port; an address of "" is every one."""
        return [_port(port) for port in self.written.get("ports", [])]

    @property
    def writable(self) -> frozenset[str]:
        """Where it can write: volumes and memory."""
        paths = [mount.partition(":")[0] for mount in self.written.get("tmpfs", [])]
        mounts = [_mount(mount) for mount in self.written.get("volumes", [])]
        return frozenset(paths + [target for target, read_only in mounts if not read_only])

    @property
    def is_ours(self) -> bool:
        return "build" in self.written

    @property
    def facts(self) -> dict[str, Any]:
        """Everything that does not depend on who reads the file."""
        plain = ("user", "read_only", "cap_drop", "security_opt", "restart", "logging", "image", "tmpfs")
        asked = ("limits", "reservations", "health", "waits_for", "environment", "networks", "secrets")
        mine = {name: getattr(self, name) for name in (*asked, "published", "writable", "is_ours")}
        return mine | {name: self.written[name] for name in plain}

    @property
    def _secrets(self) -> list[Any]:
        found: list[Any] = self.written.get("secrets", [])
        return found


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything that the file declares."""

    written: Written

    @property
    def services(self) -> list[Service]:
        return [Service(name, written) for name, written in sorted(self.written["services"].items())]

    def __getitem__(self, name: str) -> Service:
        return Service(name, self.written["services"][name])

    def is_internal(self, network: str) -> bool:
        return bool((self.written["networks"][network] or {}).get("internal"))


def parse(text: str, environ: Mapping[str, str]) -> Stack:
    """The stack of a file without Compose; understands as much as this project's file uses."""
    return Stack(_filled(yaml.safe_load(text), environ))


def seconds(text: str) -> float:
    """Compose's way to write a time, such as 1m30s, in seconds."""
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text))


def _resources(written: Written) -> dict[str, float]:
    given = {"cpus": float(written["cpus"]), "memory": float(size(written["memory"]))}
    return given | {name: float(written[name]) for name in ("pids",) if name in written}


def size(text: str | int) -> int:
    """Compose's way to write a size, such as 64M, in bytes."""
    match = re.fullmatch(r"(\d+)([kmg]?)b?", str(text).lower())
    assert match, f"{text!r} is not a size"
    return int(match[1]) * UNITS[match[2]]


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, environ) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environ) for one in value]
    return VARIABLE.sub(lambda m: _value(m, environ), value) if isinstance(value, str) else value


def _value(match: re.Match[str], environ: Mapping[str, str]) -> str:
    if not match["name"]:
        return "$"
    value, word = environ.get(match["name"], ""), match["word"] or ""
    if match["sign"] == "+":
        return word if value else ""
    return value or word


def _port(port: str | Written) -> tuple[str, str]:
    if not isinstance(port, str):
        return str(port.get("host_ip", "")), str(port["target"])
    *address, _published, target = port.split(":")
    return ":".join(address), target


def _mount(mount: str | Written) -> tuple[str, bool]:
    if not isinstance(mount, str):
        return str(mount["target"]), bool(mount.get("read_only"))
    _source, target, *options = mount.split(":")
    return target, "ro" in options
