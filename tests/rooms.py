"""The packages of the application, as the map in the README shows them."""

PACKAGES = (
    "settings",
    "policy",
    "domain",
    "charts",
    "models",
    "tracing",
    "worker",
    "notifications",
    "exporter",
    "watchdog",
    "embedded",
    "cli",
)
