"""The rival: Prometheus, node_exporter and Alertmanager, watching this machine every five seconds."""

import shutil
import socket
import subprocess
from pathlib import Path

import psutil

PROGRAMS = ("prometheus", "prometheus-node-exporter", "prometheus-alertmanager")

RULES = """
groups:
  - name: machine
    interval: 5s
    rules:
      - {alert: Cpu, expr: '100 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100 > 90', for: 1m}
      - {alert: Memory, expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1', for: 1m}
      - {alert: Disk, expr: 'min(node_filesystem_avail_bytes / node_filesystem_size_bytes) < 0.05'}
      - {alert: Down, expr: 'up == 0', for: 15s}
"""


def missing() -> list[str]:
    """The programs of the trio that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def start(home: Path) -> dict[str, psutil.Popen]:
    """Start all three on ports of their own, with all they write under `home`."""
    exporter, manager, prometheus = (_free_port() for _ in range(3))
    (home / "rules.yml").write_text(RULES)
    (home / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    (home / "prometheus.yml").write_text(
        "global: {scrape_interval: 5s, evaluation_interval: 5s}\n"
        f"rule_files: [{home}/rules.yml]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}\n"
        f"scrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]}}]\n"
    )
    commands = {
        "node_exporter": ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{exporter}"],
        "Alertmanager": [
            "prometheus-alertmanager",
            f"--config.file={home}/alertmanager.yml",
            f"--storage.path={home}/alertmanager",
            f"--web.listen-address=127.0.0.1:{manager}",
            "--cluster.listen-address=",
        ],
        "Prometheus": [
            "prometheus",
            f"--config.file={home}/prometheus.yml",
            f"--storage.tsdb.path={home}/tsdb",
            f"--web.listen-address=127.0.0.1:{prometheus}",
        ],
    }
    nowhere = subprocess.DEVNULL
    return {
        name: psutil.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
        for name, command in commands.items()
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
