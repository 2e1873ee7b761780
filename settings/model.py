"""Every setting there is: its name, its default, what it may be and what it is for."""

import socket
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from settings.addresses import Recipients, Sender
from settings.servers import DatabaseUrl, RedisUrl, broker_url
from settings.values import (
    AbsolutePath,
    CooldownMinutes,
    Days,
    DaysOrNever,
    Folder,
    Headers,
    HostName,
    LogFormat,
    LoginName,
    LogLevel,
    Machine,
    Milliseconds,
    Password,
    Percent,
    Port,
    SlackAppToken,
    SlackChannel,
    SlackToken,
    SmtpSecurity,
    Token,
    UserName,
    Yes,
)
from settings.web import OtlpEndpoint, PingUrl, RunbookUrl, SlackApi, SlackWebhook


def default_home() -> Path:
    """Where Tocsin keeps its state when nobody says: in the user's home, or in /var/lib without one."""
    try:
        return Path.home() / ".local/share/tocsin"
    except RuntimeError:
        return Path("/var/lib/tocsin")


def own_name() -> str:
    """What the machine calls itself."""
    return socket.gethostname()


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Places(Section):
    """Where things are"""

    database_url: DatabaseUrl | None = Field(
        default=None,
        description="PostgreSQL, as `postgresql://user:password@host:5432/database`. Without it, `tocsin up`"
        " starts a PostgreSQL of its own under `TOCSIN_HOME`.",
    )
    redis_url: RedisUrl | None = Field(
        default=None,
        description="Redis, as `redis://host:6379/0`, `rediss://…` or `unix:///path/to/redis.sock`. Without"
        " it, `tocsin up` starts one of its own.",
    )
    host_name: HostName = Field(
        default_factory=own_name,
        validate_default=True,
        description="The name under which this machine is watched, and no other one. The default is the"
        " machine's own name.",
    )
    tocsin_home: AbsolutePath = Field(
        default_factory=default_home,
        description="The directory for everything that Tocsin keeps on this machine: the servers that it"
        " starts itself, their data, and logs. The default is `~/.local/share/tocsin`.",
    )
    tocsin_rules: AbsolutePath | None = Field(
        default=None,
        description="The file with rules, routes, escalation policies and silences (`tocsin.toml`). Without"
        " it, the built-in rules use the thresholds below.",
    )
    tocsin_templates: Folder | None = Field(
        default=None,
        description="A folder with your own templates of messages, which go before the built-in ones"
        " ([how](messages.md#templates)).",
    )


class Thresholds(Section):
    """Thresholds of the built-in rules"""

    health_cpu_warning: Percent = Field(
        default=70.0, description="CPU in use, percent, that opens a warning."
    )
    health_cpu_critical: Percent = Field(
        default=90.0, description="CPU in use, percent, that opens a critical."
    )
    health_memory_warning: Percent = Field(
        default=75.0, description="Memory in use, percent, that opens a warning."
    )
    health_memory_critical: Percent = Field(
        default=90.0, description="Memory in use, percent, that opens a critical."
    )
    health_disk_warning: Percent = Field(
        default=80.0, description="Usage of any one partition, percent, that opens a warning."
    )
    health_disk_critical: Percent = Field(
        default=95.0, description="Usage of any one partition, percent, that opens a critical."
    )
    health_database_latency_warning: Milliseconds = Field(
        default=1000.0, description="Response time of the database, milliseconds, that opens a warning."
    )


class Keeping(Section):
    """How long things last"""

    alert_cooldown_minutes: CooldownMinutes = Field(
        default=15,
        description="Minutes for which an alert that was told is not told again to the same destination.",
    )
    retention_raw_days: Days = Field(default=30, description="Days for which raw metrics are kept.")
    retention_pack_after_days: DaysOrNever = Field(
        default=3,
        description="Days after which raw system metrics are packed, without loss, into a third of the room;"
        " `0` never packs.",
    )
    retention_hourly_days: Days = Field(default=90, description="Days for which hourly roll-ups are kept.")
    retention_daily_days: Days = Field(default=365, description="Days for which daily roll-ups are kept.")


class Slack(Section):
    """Slack"""

    slack_webhook_url: SlackWebhook | None = Field(
        default=None, description="An incoming webhook: the quickest way to messages in one channel."
    )
    slack_bot_token: SlackToken | None = Field(
        default=None,
        description="A bot's token (`xoxb-…`, scope `chat:write`). It needs `SLACK_CHANNEL`, goes before the"
        " webhook, and keeps the messages of an incident in one thread.",
    )
    slack_channel: SlackChannel | None = Field(
        default=None, description="Where the bot writes: a channel's id such as `C0123456789`, or `#alerts`."
    )
    slack_app_token: SlackAppToken | None = Field(
        default=None,
        description="An app-level token (`xapp-…`, scope `connections:write`). With it, `tocsin buttons`"
        " hears who presses Acknowledge and Silence under a message ([how](on-call.md#buttons-in-slack)).",
    )
    slack_api_url: SlackApi = Field(
        default="https://slack.com/api/", description="Slack's API; another address is for trying things out."
    )


class Email(Section):
    """E-mail"""

    smtp_host: Machine | None = Field(
        default=None, description="The mail server. Without it, no mail is sent."
    )
    smtp_port: Port = Field(default=587, description="Its port: 587 for STARTTLS, 465 for TLS.")
    smtp_username: UserName | None = Field(
        default=None, description="User name at the mail server, if it asks for one."
    )
    smtp_password: Password | None = Field(default=None, description="Password at the mail server.")
    smtp_security: SmtpSecurity = Field(
        default="starttls", description="`starttls`, `tls`, or `none` for a mail server on this machine."
    )
    email_from: Sender | None = Field(
        default=None, description="Sender, as `tocsin@example.com` or `Tocsin <tocsin@example.com>`."
    )
    email_to: Recipients = Field(
        default=(), description="Recipients of every alert, separated by commas, 50 at the most."
    )


class Watching(Section):
    """Around the alerts"""

    watchdog_ping_url: PingUrl | None = Field(
        default=None,
        description="An address outside that is called while all is well, so that somebody notices when"
        " Tocsin itself dies.",
    )
    runbook_url: RunbookUrl | None = Field(
        default=None,
        description="The start of the links to your runbooks; the name of the rule is added to it.",
    )


class Flower(Section):
    """Flower"""

    flower_address: Machine = Field(default="127.0.0.1", description="The address on which Flower listens.")
    flower_port: Port = Field(default=5555, description="The port on which Flower listens.")
    flower_username: LoginName = Field(default="ops", description="User name for Flower.")
    flower_password: Password | None = Field(
        default=None,
        description="Password for Flower. Without it, `tocsin up` makes one and keeps it in `TOCSIN_HOME`.",
    )


class Metrics(Section):
    """Metrics for Prometheus"""

    metrics_address: Machine = Field(
        default="127.0.0.1", description="The address on which `/metrics` is served."
    )
    metrics_port: Port = Field(default=9464, description="Its port; `tocsin up` takes the next free one.")
    metrics_token: Token | None = Field(
        default=None,
        description="The bearer token that whoever asks for metrics has to show. Without it, everybody who"
        " reaches the port may ask.",
    )


class Traces(Section):
    """Traces for OpenTelemetry"""

    otel_exporter_otlp_endpoint: OtlpEndpoint | None = Field(
        default=None,
        description="Where spans are sent by OTLP over HTTP, as `http://127.0.0.1:4318`. Without it nothing"
        " is traced. The other variables of OpenTelemetry hold as well ([which](monitoring.md#traces)).",
    )
    otel_exporter_otlp_headers: Headers | None = Field(
        default=None, description="Headers that go with them, as `authorization=Bearer%20…`."
    )


class Logs(Section):
    """Logs and safety"""

    log_level: LogLevel = Field(default="info", description="`debug`, `info`, `warning` or `error`.")
    log_format: LogFormat = Field(
        default="auto",
        description="`columns` for people, `json` for machines, `auto`: columns on a terminal.",
    )
    allow_insecure: Yes = Field(
        default=False,
        description="`1` allows mail without encryption to another machine and `rediss://` without checking"
        " certificates.",
    )


SECTIONS: tuple[type[Section], ...] = (
    Places,
    Thresholds,
    Keeping,
    Slack,
    Email,
    Watching,
    Flower,
    Metrics,
    Traces,
    Logs,
)


# Pydantic takes the fields of the last base first.
class Fields(Logs, Traces, Metrics, Flower, Watching, Email, Slack, Keeping, Thresholds, Places):
    """Settings that are right one by one; whether they fit together is another question."""

    @property
    def broker_url(self) -> SecretStr | None:
        """`redis_url` in the form that Celery takes."""
        return None if self.redis_url is None else broker_url(self.redis_url)


def is_secret(field: str) -> bool:
    """Whether the value of a setting must not be seen."""
    return "SecretStr" in str(Fields.model_fields[field].annotation)
