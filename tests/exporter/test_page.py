"""The page on monitoring says what there is."""

import re
from pathlib import Path

from exporter.catalogue import rows

PAGE = (Path(__file__).parents[2] / "docs/monitoring.md").read_text("utf-8")
ROW = re.compile(r"^\| `(tocsin_\w+)` \| (\w+) \| (.*?) \| (.*) \|$", re.MULTILINE)


def test_it_lists_every_metric_with_its_labels_and_meaning() -> None:
    listed = [
        (name, kind, tuple(re.findall(r"`(\w+)`", labels)), about)
        for name, kind, labels, about in ROW.findall(PAGE)
    ]
    assert listed == list(rows())
