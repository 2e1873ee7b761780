"""docs/deployment.md against the files that it speaks of."""

import re

from tests.deploy.conftest import COMPOSE_FILE, ROOT
from tests.deploy.stack import Stack
from tests.deploy.test_formats import OVERRIDES

PAGE = (ROOT / "docs/deployment.md").read_text("utf-8")

# Made on the spot, by a script or by the reader.
MADE = {"deploy/secrets", "deploy/tocsin.env"}


def test_every_variable_of_the_compose_files_is_explained() -> None:
    used = {
        name
        for file in (COMPOSE_FILE, *OVERRIDES)
        for name in re.findall(r"\$\{(\w+)", file.read_text("utf-8"))
    }
    assert {name for name in used if f"`{name}`" not in PAGE} == set()


def test_every_service_is_explained(deployed: Stack) -> None:
    assert [service.name for service in deployed.services if f"| `{service.name}`" not in PAGE] == []


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"\bdeploy/[\w.-]+", PAGE))
    assert named >= MADE
    assert [name for name in named - MADE if not (ROOT / name.rstrip(".")).exists()] == []
