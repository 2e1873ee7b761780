"""The task that writes a custom metric, for whoever has Flower or Celery and no shell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from pydantic import Field, model_validator

from domain.custom import fault
from domain.hosts import is_host_name
from domain.sample import CustomSample
from settings import FaultError, shown
from worker import stream
from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order


class Writing(Arguments):
    """A custom metric."""

    name: str | None = Field(
        None, description="Its name; without one nothing is written.", examples=["queue_length"]
    )
    value: float | None = Field(None, description="Its value.", examples=["12.5"])
    labels: str | None = Field(
        None, description="What tells it from others of the name.", examples=["queue=mail,zone=eu"]
    )
    host: str | None = Field(
        None, description="Of which host it is; by default the worker's own.", examples=["web-1"]
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.name is None) != (self.value is None):
            raise FaultError("name and value belong together", "give both")
        if self.name is not None and (said := fault(self.name, self.value or 0, self.pairs())):
            raise FaultError(said, "correct it")
        if len(self.pairs()) < len(self._words()):
            raise FaultError("labels has a name twice", "give each label once")
        if self.host is not None and not is_host_name(self.host):
            raise FaultError(f"{shown(self.host)} is no name for a host", "write it as web-1")
        return self

    def pairs(self) -> dict[str, str]:
        """The labels by their names; a word without = is a label without a value, which is refused."""
        words = (word.partition("=") for word in self._words())
        return {key.strip(): value.strip() for key, _, value in words}

    def _words(self) -> list[str]:
        return [word for word in (self.labels or "").split(",") if word]


@dataclass(frozen=True, slots=True)
class Written:
    """What was handed in; the recorder stores it with the next samples."""

    handed_in: bool
    host: str
    name: str | None = None
    value: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@declare("record.custom", Writing)
def custom(parts: Resources, order: Order[Writing]) -> Written:
    """Write a custom metric: a name, a value, and labels if there are several of the name."""
    told, host = order.told, order.told.host or parts.settings.host_name
    if told.name is None or told.value is None:
        return Written(handed_in=False, host=host)
    sample = CustomSample(host, datetime.now(UTC), told.name, told.value, told.pairs())
    stream.publish(parts.redis, sample)
    return Written(True, host, sample.name, sample.value, sample.labels)  # noqa: FBT003 - it was
