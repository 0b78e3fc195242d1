"""What a process takes: each must stay under 200 MB."""

import os
import subprocess
import sys

import pytest

from klik.local.processes import ALLOCATION, ROOT


def printed(code: str) -> str:
    """What a process of its own prints, as the services are started: this one has loaded all."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **ALLOCATION},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


@pytest.mark.parametrize("service", ["routing", "reporting"])
def test_who_has_no_issuer_does_not_load_what_reads_its_tokens(service: str) -> None:
    """PyJWT and cryptography: 11 MB."""
    loaded = f"import sys, services.{service}.main as _"
    assert printed(f"{loaded}; print(*({{'jwt', 'cryptography'}} & {{*sys.modules}}))") == ""


def test_arrow_gives_back_what_it_frees() -> None:
    """Its own pool kept up to 14 MB under load."""
    loaded = "import services.reporting.main, pyarrow"
    assert printed(f"{loaded}; print(pyarrow.default_memory_pool().backend_name)") == "system"


def test_the_image_allocates_as_the_processes_here_do() -> None:
    image = (ROOT / "Dockerfile").read_text()
    assert [name for name, value in ALLOCATION.items() if f"{name}={value}" not in image] == []
