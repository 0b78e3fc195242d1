"""A real OIDC issuer, from npm, as a process of its own: `tests/peers/oidc`."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx

from klik.nodes.node import Node
from tests.support.backends import unavailable

SOURCE = Path(__file__).parents[2] / "peers" / "oidc"
CLIENT, SECRET = "klik-halaman", "a secret of the tests: 24 characters"
#: Seconds for npm on a busy machine.
INSTALL_SECONDS = 240


class OidcProvider(Node):
    """`http://localhost`, where the pages are at `http://127.0.0.1`: another site to a browser."""

    name = "oidc-provider"

    def __init__(self, data: Path, front: str) -> None:
        """`front`: where the pages are that people come back to. Skips without npm."""
        super().__init__(data)
        self.front = front
        self._installed = data / "installed"

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def jwks(self) -> str:
        return f"{self.issuer}/jwks"

    def put(self, login: str, **claims: str | None) -> None:
        """An account, or what it is from now on."""
        said = {name: value for name, value in claims.items() if value is not None}
        httpx.put(f"{self.issuer}/accounts/{login}", json=said, trust_env=False).raise_for_status()

    def close(self, login: str) -> None:
        httpx.delete(f"{self.issuer}/accounts/{login}", trust_env=False).raise_for_status()

    def settings(self) -> dict[str, str]:
        """Of the services that have this issuer."""
        return {
            "KLIK_PUBLIC_URL": self.front,
            "KLIK_OIDC_ISSUER": self.issuer,
            "KLIK_OIDC_AUDIENCE": "klik-desa",
            "KLIK_OIDC_JWKS": self.jwks,
            "KLIK_OIDC_CLIENT_ID": CLIENT,
            "KLIK_OIDC_CLIENT_SECRET": SECRET,
        }

    def _launch(self) -> None:
        node = shutil.which("node")
        if node is None or shutil.which("npm") is None:
            unavailable("no npm on this host: apt-get install npm")
        if not self._installed.exists():
            shutil.copytree(SOURCE, self._installed, ignore=shutil.ignore_patterns("node_modules"))
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=self._installed,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=INSTALL_SECONDS,
                check=True,
            )
        told: dict[str, Any] = {
            "issuer": self.issuer, "port": self.port, "front": self.front,
            "client": CLIENT, "secret": SECRET,
        }  # fmt: skip
        env = {**os.environ, "KLIK_TEST_ISSUER": json.dumps(told)}
        self._spawn([node, str(self._installed / "server.js")], "issuer.log", env)

    def _answers(self) -> bool:
        url = f"{self.issuer}/.well-known/openid-configuration"
        try:
            return httpx.get(url, timeout=1, trust_env=False).is_success
        except httpx.HTTPError:
            return False
