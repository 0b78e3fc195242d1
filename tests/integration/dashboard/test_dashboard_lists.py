"""From each figure to the consultations that it counts, and to files: for who may, of theirs."""

import csv
import io
import re
from collections.abc import AsyncGenerator

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Locator, expect

from services.reporting.query.exports import BOM
from shared.reference import COMPLAINT
from shared.times import local_day
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.keys import TERRITORY
from tests.support.services.dashboard import Scene
from tests.support.services.dashboard_visit import Visit, artefact, visits

pytestmark = pytest.mark.integration


@pytest.fixture
async def visit(browser: Browser) -> AsyncGenerator[Visit, None]:
    async for found in visits(browser, Scene(1500)):
        yield found


async def number_of(link: Locator) -> int:
    """What is seen of it, without what is said of it."""
    seen = await link.evaluate("one => one.firstChild.textContent")
    return int(re.sub(r"\D", "", seen))


async def listed(visit: Visit) -> int:
    """Of the list that is open: how many it says there are."""
    await visit.shown()
    await expect(visit.page.locator("#list-table tbody tr").first).to_be_visible()
    said = await visit.page.locator("#list-count").inner_text()
    return int(re.sub(r"\D", "", said.partition(" ")[0]))


@pytest.mark.parametrize("role", [Role.DPMD, Role.CAMAT])
async def test_every_figure_opens_as_many_as_it_says(visit: Visit, role: Role) -> None:
    page = visit.page
    query = "?period=12m" + ("&kecamatan=64.02.01" if role is Role.DPMD else "")
    await visit.sign_in(query, role)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    links = page.locator("a.figure")
    asked = await links.evaluate_all(
        """all => Object.fromEntries(all.map(one => [one.getAttribute("href"), [
            one.firstChild.textContent, one.closest("section, .card, p").id || one.className
        ]]))"""
    )
    assert len(asked) > 60
    key = await page.evaluate("sessionStorage.getItem('klik-desa-key')")
    counts = await page.evaluate(
        """async ([hrefs, key]) => {
            const found = {};
            for (const href of hrefs) {
                const query = new URLSearchParams({ limit: 1 });
                for (const [name, value] of new URLSearchParams(href)) {
                    if (name === "list") query.set("of", value);
                    if (name.startsWith("list-")) query.set(name.slice(5), value);
                }
                const headers = { Authorization: `Bearer ${key}` };
                const reply = await fetch(`v1/reports/members?${query}`, { headers });
                found[href] = (await reply.json()).count;
            }
            return found;
        }""",
        [list(asked), key],
    )
    for href, (shown, where) in asked.items():
        assert counts[href] > 0, (href, where)
        if re.fullmatch(r"[\d.]+", shown):
            assert counts[href] == int(shown.replace(".", "")), (href, where)


async def test_keyboard_opens_a_list_turns_its_pages_and_comes_back(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("?period=12m", Role.DPMD)
    row = page.locator("#kecamatan-table tbody tr", has_text="Tenggarong").first
    figure = row.locator("td").first.locator("a.figure")
    there = await number_of(figure)
    assert there > 50
    await figure.focus()
    await page.keyboard.press("Enter")
    assert await listed(visit) == there
    title = page.locator("#list-title")
    await expect(title).to_be_focused()
    await expect(title).to_have_text("Daftar konsultasi: Diterima")
    await expect(page).to_have_title(re.compile("^Daftar konsultasi: Diterima · Klik Desa"))
    await expect(page.locator("#figures")).to_be_hidden()
    await expect(page.locator("#list-where")).to_contain_text("Tenggarong")
    await expect(page.locator("#list-table tbody tr")).to_have_count(50)
    await expect(page.locator("#list-previous")).to_be_hidden()
    first = await page.locator("#list-table tbody tr").first.inner_text()

    following = page.locator("#list-next")
    await following.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#list-count")).to_contain_text(f"tampil 51–{min(100, there)}")
    await page.reload()
    await expect(page.locator("#list-count")).to_contain_text(f"tampil 51–{min(100, there)}")
    await page.locator("#list-previous").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#list-count")).to_contain_text("tampil 1–50")
    assert await page.locator("#list-table tbody tr").first.inner_text() == first

    await page.locator("#list-back").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#figures")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/\?period=12m$"))
    await expect(page).to_have_title(re.compile("^Klik Desa"))


async def test_focus_is_back_on_the_figure_when_the_browser_goes_back(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("", Role.DPMD)
    figure = page.locator("#topics a.figure").first
    await figure.focus()
    await page.keyboard.press("Enter")
    await listed(visit)
    await page.go_back()
    await visit.shown()
    await expect(figure).to_be_focused()


async def test_list_is_of_another_figure_when_one_is_chosen(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("?list=submitted&list-kecamatan=64.02.06", Role.DPMD)
    everything = await listed(visit)
    await page.select_option("#list-of", "backlog")
    await expect(page.locator("#list-title")).to_have_text("Daftar konsultasi: Belum selesai")
    await expect(page.locator("#list-count")).not_to_contain_text(f"{everything} konsultasi")
    still = [row for row in visit.scene.reports.rows if row.is_open]
    assert await listed(visit) == sum(row.kecamatan == "64.02.06" for row in still)
    waiting = page.locator("#list-table tbody tr td", has_text="menunggu")
    await expect(waiting.first).to_be_visible()


async def test_conversation_is_one_step_away_for_who_may_read_it(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("?list=backlog", Role.DPMD)
    await listed(visit)
    link = page.locator("#list-table tbody tr").first.get_by_role("link")
    ids = {row.id for row in visit.scene.reports.rows if row.is_open}
    href = await link.get_attribute("href")
    assert href is not None
    assert href.removeprefix("satgas/") in ids


async def test_camat_sees_one_kecamatan_and_leads_to_no_conversation(
    visit: Visit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = visit.page
    await visit.sign_in("", Role.CAMAT)
    await expect(page.locator("#place")).to_have_text(
        "Kecamatan Tenggarong. Pengaduan tidak dihitung di sini."
    )
    for hidden in ("#kecamatan-panel", ".panel.map", "#kecamatan"):
        await expect(page.locator(hidden)).to_be_hidden()
    await expect(page.locator('#kind option[value="pengaduan"]')).to_be_disabled()
    mine = [
        row
        for row in visit.scene.reports.rows
        if row.kecamatan == TERRITORY and row.kind != COMPLAINT
    ]
    assert await visit.figure(1) == str(sum(row.is_open for row in mine))
    names = await page.locator("#desa-table tbody th").all_inner_texts()
    assert len(names) == 15  # twelve kelurahan, two desa, and all of them
    await page.screenshot(path=artefact(tmp_path_factory, "camat.png"), full_page=True)
    await page.locator(".card").nth(1).locator(".value a.figure").click()
    assert await listed(visit) == sum(row.is_open for row in mine)
    await page.screenshot(path=artefact(tmp_path_factory, "list.png"), full_page=True)
    await expect(page.locator("#list-table a")).to_have_count(0)
    await expect(page.locator("#list-conversation")).to_be_hidden()


async def test_camat_is_told_live_of_what_is_theirs(visit: Visit) -> None:
    await visit.sign_in("", Role.CAMAT)
    await expect(visit.page.locator("#status")).to_have_class("status live")
    before = int(await visit.figure(1))
    scene = visit.scene
    like = next(row for row in scene.reports.rows if row.kecamatan == TERRITORY and row.is_open)
    for kind, id_ in ((COMPLAINT, "a"), ("konsultasi", "b")):
        day = str(local_day(NOON))
        scene.reports.rows.append(like._replace(id=id_ * 8, kind=kind, day=day))
        scene.reports.edition += 1
        scene.version_index.write(f"{day}/{TERRITORY}")
    await expect(visit.page.locator(".card .value").nth(1)).to_contain_text(str(before + 1))


async def test_link_to_another_kecamatan_is_said_to_be_anothers(visit: Visit) -> None:
    """As one that DPMD sends: the own figures, and why."""
    page = visit.page
    await visit.sign_in("?kecamatan=64.02.07&period=year", Role.CAMAT)
    await expect(page.locator("#notice")).to_have_text("Kunci ini untuk kecamatan lain.")
    await expect(page).to_have_url(re.compile(r"/\?period=year$"))
    await expect(page.locator("#place")).to_contain_text("Tenggarong")
    visit.errors.clear()  # the browser's own line about the 403
    await page.goto(f"{visit.url}?list=submitted&list-kecamatan=64.02.07")
    await expect(page.locator("#list-error")).to_have_text("Kunci ini untuk kecamatan lain.")
    await expect(page.locator("#list-table")).to_be_hidden()
    visit.errors.clear()
    await page.locator("#list-back").click()
    await expect(page.locator("#figures")).to_be_visible()


async def test_who_may_not_open_lists_sees_figures_without_links(visit: Visit) -> None:
    await visit.sign_in("", Role.ANALYST)
    await expect(visit.page.locator("#kecamatan-table tbody tr")).to_have_count(21)
    await expect(visit.page.locator("a.figure")).to_have_count(0)


async def test_files_hold_what_is_shown(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("?period=12m", Role.CAMAT)
    shown = int(await number_of(page.locator("#desa-table tr.total a.figure").first))
    await page.select_option("#download-what", "desa")
    for suffix in ("csv", "xlsx"):
        async with page.expect_download() as started:
            await page.locator(f"#download-files [data-format={suffix}]").click()
        file = await started.value
        assert file.suggested_filename.startswith("konsultasi-per-desa_kecamatan-64.02.06")
        content = (await file.path()).read_bytes()
        if suffix == "csv":
            assert content.startswith(BOM)
            rows = list(csv.DictReader(io.StringIO(content[3:].decode()), delimiter=";"))
            assert (rows[-1]["row"], int(rows[-1]["submitted"])) == ("total", shown)
        else:
            *_, total = load_workbook(io.BytesIO(content))["laporan"].values
            assert total[0] == "total"
            assert shown in total
    await page.locator("#desa-table tr.total a.figure").first.click()
    assert await listed(visit) == shown
    async with page.expect_download() as started:
        await page.locator("#list-files [data-format=csv]").click()
    content = (await (await started.value).path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(content[3:].decode()), delimiter=";"))
    assert len(rows) == shown
    assert {row["kecamatan"] for row in rows} == {TERRITORY}


async def test_file_that_cannot_be_had_is_said_to_be_so(visit: Visit) -> None:
    page = visit.page
    await visit.sign_in("", Role.DPMD)
    await page.route("**/v1/reports/consultations.csv*", lambda route: route.abort())
    await page.locator("#download-files [data-format=csv]").click()
    await expect(page.locator("#download-error")).to_contain_text("belum dapat diunduh")
    visit.errors.clear()  # the browser's own line about the request
