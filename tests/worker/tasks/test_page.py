"""The page on which people run tasks, in a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, HttpCredentials, Page, ViewportSize, expect, sync_playwright

from tests.worker.tasks.running import Flower, Stage
from worker.tasks.fields import fields
from worker.tasks.jobs import INTERNAL, for_people

PHONE = ViewportSize(width=360, height=740)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
WITHIN_MS = 20_000

# Where a picture of the page is left, for docs/images.
PICTURE = os.environ.get("PICTURE_OF_RUN_PAGE")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    where = shutil.which("chromium")
    if where is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed, and CI has to look at the page")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, there: Flower) -> Iterator[Page]:
    """A page on a phone, logged in; it fails when the browser complains, or asks for anything elsewhere."""
    complaints: list[str] = []
    login = HttpCredentials(username=there.user, password=there.password)
    with browser.new_context(viewport=PHONE, http_credentials=login) as context:
        page = context.new_page()
        page.set_default_timeout(WITHIN_MS)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: complaints.append(asked.url) if _elsewhere(asked.url, there) else None
        )
        page.goto(f"{there.url}/run")
        yield page
    # A refusal is answered with 400, which the browser mentions.
    assert [said for said in complaints if "400 (Bad Request)" not in said] == []


def test_it_lists_every_task_for_people_with_its_arguments(page: Page) -> None:
    for name, job in for_people().items():
        form = page.locator(f"form[id='{name}']")
        expect(form).to_contain_text(job.summary)
        for field in fields(job.arguments):
            expect(form.locator(f"[name={field.name}]")).to_be_visible()
            expect(form).to_contain_text(field.description)
    for name in INTERNAL:
        expect(page.locator(f"form[id='{name}']")).to_have_count(0)


def test_a_task_is_run_and_its_result_is_shown(page: Page, stage: Stage) -> None:
    form = page.locator("form[id='aggregate.hourly']")
    form.get_by_label("since").fill("2026-11-20T03:00")
    form.get_by_label("until").fill("2026-11-20T05:00")
    form.get_by_label("force").check()
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("done", timeout=WITHIN_MS)
    expect(page.locator("dl")).to_contain_text("hour 2026-11-20 03:00 UTC")
    task_id = page.url.rpartition("/")[2]
    [(origin, arguments)] = stage.rows(
        "SELECT origin, arguments FROM task_runs WHERE task_id = :id", id=task_id
    )
    assert origin == "ada in Flower"
    assert arguments == {"since": "2026-11-20T03:00:00Z", "until": "2026-11-20T05:00:00Z", "force": True}
    if PICTURE:
        picture(page, "run-result")
    page.get_by_role("link", name="The ledger").click()
    expect(page.locator(f"li[id='{task_id}']")).to_contain_text("by ada in Flower")
    page.locator(f"li[id='{task_id}']").get_by_role("link", name="its result").click()
    in_flower = page.get_by_role("link", name="This run in Flower")
    expect(in_flower).to_have_attribute("href", f"/task/{task_id}")


def test_what_makes_no_sense_is_said_beside_the_form_which_keeps_what_was_written(page: Page) -> None:
    form = page.locator("form[id='aggregate.daily']")
    form.get_by_label("since").fill("2026-11-20T03:00")
    form.get_by_label("until").fill("2026-11-19T03:00")
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_contain_text("since does not come before until")
    expect(form.get_by_label("since")).to_have_value("2026-11-20T03:00")


def test_it_fits_a_phone_and_a_finger(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
    for field in page.locator("form [name]:not([type=hidden])").all():
        assert field.evaluate("element => element.labels.length") == 1
    if PICTURE:
        picture(page, "run-page")


def test_flowers_own_pages_lead_to_it(page: Page, there: Flower) -> None:
    page.goto(f"{there.url}/tasks")
    page.get_by_label("Toggle navigation").click()
    page.get_by_role("link", name="Run a task").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Run a task")


def _elsewhere(url: str, there: Flower) -> bool:
    return not url.startswith(there.url)


def picture(page: Page, name: str) -> None:
    """Leave a picture in the folder that was asked for, as on a desk."""
    page.set_viewport_size(ViewportSize(width=900, height=860))
    page.screenshot(path=Path(str(PICTURE)) / f"{name}.png")
