"""The dashboard in a real browser: what people see and can do, on a phone, at a desk, on paper.

Screenshots are kept: in `KLIK_TEST_ARTEFACTS`, else in the test run's own folder.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Literal

import pytest
from playwright.async_api import Browser, Route, expect

from shared.times import local_day
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.keys import KEYS
from tests.support.services.dashboard import (
    DESK,
    KEY,
    PHONE,
    SIGNED_IN,
    Scene,
    first_paint,
)
from tests.support.services.dashboard_visit import Visit, artefact, visits

pytestmark = pytest.mark.integration


@pytest.fixture
async def visit(browser: Browser) -> AsyncGenerator[Visit, None]:
    async for found in visits(browser, Scene(600)):
        yield found


@pytest.mark.parametrize(("name", "size"), [("desk", DESK), ("phone", PHONE)])
async def test_it_shows_todays_state_without_scrolling_sideways(
    visit: Visit, tmp_path_factory: pytest.TempPathFactory, name: str, size: tuple[int, int]
) -> None:
    page = visit.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await visit.sign_in()

    assert await page.evaluate("document.documentElement.scrollWidth") == size[0]
    rows = visit.scene.reports.rows
    assert await visit.figure(1) == str(sum(row.is_open for row in rows))
    await expect(page.locator("#headline")).to_contain_text(
        "konsultasi diterima 27 Agu 2026 – 24 Nov 2026"
    )
    await expect(page.locator("#kecamatan-table tbody tr")).to_have_count(21)
    await expect(page.locator("#trend canvas")).to_be_visible()
    await expect(page.locator("#status")).to_have_class("status live")
    cut = await page.evaluate(
        "[...document.querySelectorAll('.tile-name')]"
        ".filter(one => one.scrollWidth > one.parentElement.clientWidth)"
        ".map(one => one.textContent)"
    )
    assert cut == [], "names that do not fit their tile"
    await page.screenshot(path=artefact(tmp_path_factory, f"{name}.png"), full_page=True)


@pytest.mark.parametrize("key", ["", SIGNED_IN])
async def test_something_is_painted_before_any_figure_has_come(visit: Visit, key: str) -> None:
    """Nor is anything else waited for than the page's own files: `python -m bench paint`."""
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await visit.page.route("**/v1/**", hold)
    await visit.page.goto(visit.url + key)
    await first_paint(visit.page)
    await expect(visit.page.locator("h1")).to_be_visible()
    await expect(visit.page.locator("body")).not_to_have_class("shown")
    released.set()
    await visit.shown()


async def test_the_keyboard_alone_gets_everywhere(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#content")).to_be_focused()
    tile = page.locator('.tile[data-code="64.02.01"]')
    await tile.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"\?kecamatan=64\.02\.01$"))
    await visit.shown()
    await expect(tile).to_have_attribute("aria-current", "true")
    await expect(tile).to_be_focused()
    table = page.locator("#kecamatan-table")
    received = page.get_by_role("button", name="Diterima", exact=True)
    head = table.locator(received)
    await head.focus()
    await page.keyboard.press("Enter")
    await expect(table.locator("th", has=received)).to_have_attribute("aria-sort", "descending")
    counts = await page.locator("#kecamatan-table tbody tr td:nth-child(2)").all_inner_texts()
    assert counts == sorted(counts, key=int, reverse=True)
    await expect(head).to_be_focused()


async def test_what_is_old_is_as_loud_as_what_is_good_when_most_has_waited_long(
    visit: Visit,
) -> None:
    await visit.sign_in()
    assert await visit.page.locator(".card h2").all_inner_texts() == [
        "Diterima hari ini",
        "Belum selesai",
        "Jawaban pertama tepat waktu",
        "Median waktu jawaban pertama",
        "Miskin dan rentan",
    ]
    last = str(local_day(NOON) - timedelta(days=31))
    still_open = [row for row in visit.scene.reports.rows if row.is_open]
    old = sum(row.day <= last for row in still_open)
    assert old > len(still_open) / 2
    card = visit.page.locator(".card").nth(1)
    await expect(card).to_have_class("card bad")
    await expect(card.locator(".verdict")).to_have_text(f"{old} menunggu 31 hari atau lebih")
    await expect(visit.page.locator(".card").nth(2)).to_have_class("card good")
    said = f"{len(still_open)} belum selesai, {old} di antaranya 31 hari atau lebih"
    await expect(visit.page.locator("#headline")).to_contain_text(said)
    mark = visit.page.locator("#kecamatan-table tr.total td:nth-child(3) .mark")
    await expect(mark).to_have_text(f"{old} menunggu 31 hari atau lebih")


async def test_filters_are_in_the_address_and_back_undoes_them(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("?period=year")
    whole = await page.locator("#kecamatan-table tr.total td").first.inner_text()
    await page.select_option("#kecamatan", label="Muara Muntai")
    await page.select_option("#vulnerable", "true")
    await expect(page).to_have_url(
        re.compile(r"\?period=year&kecamatan=64\.02\.01&vulnerable=true$")
    )
    await visit.shown()
    assert visit.scene.reports.asked[-1].filters["vulnerable"] == (True,)
    await expect(page.locator("#clear")).to_have_text("Atur ulang filter")
    await page.reload()
    await visit.shown()
    assert await page.input_value("#kecamatan") == "64.02.01"
    await page.go_back()
    await page.go_back()
    await visit.shown()
    assert await page.input_value("#kecamatan") == ""
    await expect(page.locator("#kecamatan-table tr.total td").first).to_have_text(whole)
    await page.select_option("#period", "custom")
    await page.fill("#from", "2026-11-01")
    await page.locator("#from").blur()
    await expect(page).to_have_url(re.compile("period=custom&from=2026-11-01&to=2026-11-24"))
    await expect(page.locator("#trend-note")).to_have_text("per hari penerimaan")


async def test_what_changes_is_shown_by_itself(visit: Visit) -> None:
    await visit.sign_in()
    assert len(visit.scene.hub) == 1
    before = int(await visit.figure(0))
    visit.scene.submit(3)
    await expect(visit.page.locator(".card .value").first).to_have_text(str(before + 3))
    # the replica goes away, and another one, here the same, tells what was missed
    visit.scene.hub.end_streams()
    visit.scene.submit(2)
    await expect(visit.page.locator(".card .value").first).to_have_text(str(before + 5))


async def test_a_key_is_asked_for_kept_in_the_tab_and_forgotten(visit: Visit) -> None:
    page = visit.page
    await page.goto(visit.url)
    await visit.shown()
    await expect(page.locator("#notice")).to_contain_text("Data terbuka")
    await expect(page.locator("#fold")).to_be_hidden()
    await page.fill("#key", "wrong")
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-error")).to_contain_text("tidak dikenal")
    visit.errors.clear()  # the browser's own line about the 401

    await page.fill("#key", KEY)
    await page.keyboard.press("Enter")
    await expect(page.locator("#status")).to_have_class("status live")
    await expect(page.locator("#notice")).to_be_hidden()
    assert KEY not in await page.content()
    assert await page.evaluate("Object.values(sessionStorage)") == [KEY]
    assert await page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    other = await visit.context.new_page()
    await other.goto(visit.url)
    await expect(other.locator("#login")).to_be_visible()

    await page.click("#logout")
    await expect(page.locator("#login")).to_be_visible()
    await expect(page.locator("#notice")).to_contain_text("Data terbuka")
    assert await page.evaluate("sessionStorage.length") == 0


WEEK = "?period=custom&from=2026-11-16&to=2026-11-22&kecamatan=64.02.06&lang=id"


async def test_a_link_to_a_week_says_that_it_needs_a_key_and_opens_that_week_with_one(
    visit: Visit,
) -> None:
    """As in the weekly summary: without a key something else is shown, and that is said."""
    await visit.page.goto(visit.url + WEEK)
    await visit.shown()
    notice = visit.page.locator("#notice")
    await expect(notice).to_contain_text("Tenggarong · 16 November 2026 – 22 November 2026")
    await expect(notice).to_contain_text("kode akses")
    async with visit.page.expect_request(re.compile("v1/reports/overview")) as asked:
        await visit.page.fill("#key", KEY)
        await visit.page.keyboard.press("Enter")
    for wanted in ("from=2026-11-16", "to=2026-11-22", "kecamatan=64.02.06"):
        assert wanted in (await asked.value).url
    await visit.shown()
    await expect(notice).to_be_hidden()


async def test_a_key_in_the_address_is_taken_out_of_it(visit: Visit) -> None:
    await visit.sign_in("?lang=en")
    assert visit.page.url == f"{visit.url}?lang=en"
    await expect(visit.page.locator("#headline")).to_contain_text("consultations received")


async def test_a_key_that_is_not_for_reports_is_said_to_be_so(visit: Visit) -> None:
    await visit.page.goto(visit.url)
    await visit.page.fill("#key", KEYS[Role.OFFICER])
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("#login-error")).to_contain_text("tidak untuk laporan")
    visit.errors.clear()  # the browser's own line about the 403


async def test_small_figures_are_a_dot_for_eyes_and_words_for_ears(visit: Visit) -> None:
    await visit.page.goto(visit.url)
    await visit.shown()
    left_out = visit.page.locator("#kecamatan-table td .unseen", has_text="tidak ditampilkan")
    assert await left_out.count() > 0
    await expect(visit.page.locator("#kecamatan-table a[href]")).to_have_count(0)


async def test_nothing_to_show_is_shown_as_nothing(browser: Browser) -> None:
    async for visit in visits(browser, Scene(0)):
        await visit.sign_in()
        assert [await visit.figure(number) for number in range(3)] == ["0", "0", "–"]
        await expect(visit.page.locator("#topics")).to_have_text("Belum ada.")


async def test_what_it_shows_is_text_and_never_markup(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "<img src=x onerror=\"document.title='mine'\">"
    monkeypatch.setattr(
        "services.reporting.dashboard.overview.name_of", lambda key, value, language: evil
    )
    await visit.sign_in()
    await expect(visit.page.locator("#topics")).to_contain_text("<img src=x")
    assert await visit.page.locator("main img").count() == 0


@pytest.mark.parametrize("said", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_prints_on_two_pages_of_a4(
    visit: Visit,
    tmp_path_factory: pytest.TempPathFactory,
    said: str,
    scheme: Literal["light", "dark"],
) -> None:
    """Dark on white, whatever the screen is like."""
    page = visit.page
    await page.emulate_media(color_scheme=scheme)
    await visit.sign_in(f"?lang={said}")
    where = artefact(tmp_path_factory, f"a4-{said}-{scheme}.pdf")
    pdf = await page.pdf(path=where, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    (box,) = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf))
    assert [round(float(number)) for number in box.split()] == [0, 0, 595, 842]
    await page.emulate_media(color_scheme=scheme, media="print")
    colours = (
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert await page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(22, 38, 43)"]
