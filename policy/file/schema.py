"""The tables of `tocsin.toml`: which keys each of them has."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from policy.file.keys import (
    Clock,
    Days,
    Duration,
    Flag,
    GlobList,
    Moment,
    Name,
    Names,
    OneMetric,
    OrNever,
    PerMinute,
    Positive,
    Repeats,
    Sender,
    Severities,
    Span,
    Text,
    Threshold,
)
from policy.matching import ALL_SEVERITIES, EVERY
from policy.windows import EVERY_DAY
from settings import FaultError
from settings.addresses import Recipients
from settings.values import SlackChannel


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HostsTable(Table):
    """Which hosts an entry is about: those of `hosts` and those of `tags`, every one when neither is said."""

    hosts: GlobList = ()
    tags: Names = ()


class RuleTable(HostsTable):
    name: Name
    metric: OneMetric | None = None
    warning: Threshold | None = None
    critical: Threshold | None = None
    opens_after: Duration | None = Field(default=None, alias="for")
    resolves_after: Duration | None = Field(default=None, alias="clear_for")
    clear_margin: Threshold | None = None
    enabled: Flag | None = None
    mounts: GlobList = EVERY


class DestinationTable(Table):
    fallback: Name | None = None
    per_minute: PerMinute | None = None


class SlackWebhookTable(DestinationTable):
    type: Literal["slack-webhook"]
    url_file: Text


class SlackBotTable(DestinationTable):
    type: Literal["slack-bot"]
    channel: SlackChannel
    token_file: Text | None = None


class EmailTable(DestinationTable):
    type: Literal["email"]
    to: Recipients
    sender: Sender | None = Field(default=None, alias="from")
    hide_recipients: Flag = False


class WebhookTable(DestinationTable):
    type: Literal["webhook"]
    url_file: Text
    secret_file: Text | None = None
    allow_private: Flag = False


class ConsoleTable(DestinationTable):
    type: Literal["console"]


DESTINATIONS: dict[str, type[DestinationTable]] = {
    "slack-webhook": SlackWebhookTable,
    "slack-bot": SlackBotTable,
    "email": EmailTable,
    "webhook": WebhookTable,
    "console": ConsoleTable,
}


class ScopeTable(HostsTable):
    components: GlobList = EVERY
    severities: Severities = ALL_SEVERITIES


class RouteTable(ScopeTable):
    destinations: Names
    escalation: Name | None = None
    goes_on: Flag = Field(default=False, alias="continue")


class StepTable(Table):
    after: Positive
    destinations: Names


def _some(steps: tuple[StepTable, ...]) -> tuple[StepTable, ...]:
    if not steps:
        raise FaultError("the list is empty", "write at least one step, or take the table out")
    return steps


class EscalationTable(Table):
    steps: Annotated[tuple[StepTable, ...], AfterValidator(_some)]
    repeat: Positive | None = None
    repeats: Repeats | None = None


class MaintenanceTable(ScopeTable):
    name: Name
    reason: Text = ""
    starts_at: Moment | None = Field(default=None, alias="from")
    ends_at: Moment | None = Field(default=None, alias="to")
    start: Clock | None = None
    duration: Span | None = None
    days: Days = EVERY_DAY


class QuietHoursTable(Table):
    start: Clock
    duration: Span
    days: Days = EVERY_DAY


class RepeatTable(Table):
    critical: OrNever = timedelta(minutes=15)
    warning: OrNever = timedelta(minutes=60)


class AcknowledgementTable(Table):
    expires: Positive
