"""What is wrong with how a page looks in a real browser: too wide, unreadable, or on each other."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

#: Of a window, in CSS pixels; 720 is a desk's 1440 at 200 %.
WIDTHS = (320, 390, 720, 768, 1440)
#: Of what was typed, the longest without a blank, as an address of a file may be.
LONG = "https://contoh.example/" + "dokumen-" * 20

#: WCAG 2.2 A and AA as far as axe-core can tell, and that a link is called what is seen of it.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}

#: Texts that are printed over each other, or run out of their cell, tile or card.
COLLISIONS = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const parent = node.parentElement;
    const unseen = parent.closest(".unseen, .skip, option, script, noscript, [hidden]");
    if (unseen || !node.textContent.trim() || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const name = node.textContent.trim().slice(0, 40);
    const edge = parent.closest("th, td, .tile, .card, .panel, .bubbles li, button");
    const box = edge?.getBoundingClientRect();
    const window = parent.closest(".scroll")?.getBoundingClientRect();
    for (const line of range.getClientRects()) {
      const isInView = !window || (line.bottom <= window.bottom && line.right <= window.right);
      if (line.width && isInView) texts.push({ name, line, box });
    }
  }
  const found = [];
  texts.forEach(({ name, line, box }, index) => {
    const across = box && (line.left < box.left - 1 || line.right > box.right + 1);
    if (across || (box && line.bottom > box.bottom + 1)) found.push(`${name}: out of its box`);
    for (const other of texts.slice(index + 1)) {
      const wide = Math.min(line.right, other.line.right) - Math.max(line.left, other.line.left);
      const high = Math.min(line.bottom, other.line.bottom) - Math.max(line.top, other.line.top);
      if (wide > 1 && high > 3) found.push(`${name}: over ${other.name}`);
    }
  });
  return found;
}"""


def listen_for_errors(page: Page, errors: list[str]) -> None:
    """Put there what goes wrong in its scripts, or against its Content-Security-Policy."""
    page.on("pageerror", lambda error: errors.append(str(error)))
    # a violation of the policy is an error on the console
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security" in said.text else None,
    )


async def faults(page: Page, width: int, scheme: str) -> list[str]:
    """`width`: of the window, in CSS pixels; `scheme`: `light` or `dark`."""
    wide = await page.evaluate("document.documentElement.scrollWidth")
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")
    is_dark = sum(map(int, ground)) < 3 * 64
    axe = await Axe().run(page, options=RULES)
    return [
        *([f"{wide} pixels wide"] if wide > width else []),
        *([] if is_dark is (scheme == "dark") else [f"not {scheme}"]),
        *await page.evaluate(COLLISIONS),
        *(
            f"{broken['id']}: {node['target']}"
            for broken in axe.response["violations"]
            for node in broken["nodes"]
        ),
    ]


def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures: `KLIK_TEST_ARTEFACTS`, else one of the test run's own."""
    folder = os.environ.get("KLIK_TEST_ARTEFACTS")
    where = Path(folder) if folder else tmp_path_factory.getbasetemp() / "artefacts"
    where.mkdir(parents=True, exist_ok=True)
    return where
