"""The gateway of `make run`, as a process of this host: nginx where it is installed, else ours."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from klik.gateway import routes
from klik.nodes.node import Node

#: Where it listens, as it does in Docker, unless somebody else does.
PORT = 8080
ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
_NGINX_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def installed_nginx() -> str | None:
    """The program; None where there is none."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{_NGINX_PATH}")


class Gateway(Node):
    """One address for the services at `urls` (by name), with its files below `data`."""

    name = "gateway"

    def __init__(
        self,
        data: Path,
        urls: Mapping[str, str],
        port: int | None = None,
        *,
        nginx: str | None,
        changed: Mapping[str, str] | None = None,
    ) -> None:
        """`nginx`: the program; None takes the proxy of `klik/gateway/proxy.py`. `changed`:
        patterns in nginx's configuration, and what is put in their place besides."""
        super().__init__(data, port)
        self._urls = urls
        self._nginx = nginx
        self._changed = dict(changed or {})

    @property
    def kind(self) -> str:
        return "nginx" if self._nginx else "a proxy of our own, since nginx is not installed"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _changes(self) -> dict[str, str]:
        """Of deploy/nginx.conf, for this host."""
        # its master reads the configuration as root where we are root, and its workers write here
        temporary = "".join(f"{kind}_temp_path '{self.data / kind}'; " for kind in _TEMPORARY)
        return {
            r"listen 8080;": f"listen 127.0.0.1:{self.port};",
            r"include routes\.conf;": f"include '{self.data / routes.CONF}';",
            r"http \{": f"http {{ {temporary}",
            # no name is asked for: each service has an address
            r"resolver 127[^;]*;": "",
            # one user's, without the right to more
            r"worker_rlimit_nofile \d+;": "",
            r"worker_processes auto;": "worker_processes 1;",
            **self._changed,
        }

    def _launch(self) -> None:
        if self._nginx is None:
            ports = [f"{name}={httpx.URL(url).port}" for name, url in self._urls.items()]
            argv = [sys.executable, "-m", "klik.gateway.proxy", str(self.port), *ports]
            path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
            self._spawn(argv, "gateway.log", {**os.environ, "PYTHONPATH": path})
            return
        text = (DEPLOY / "nginx.conf").read_text()
        for pattern, in_its_place in self._changes().items():
            text, times = re.subn(pattern, lambda _, said=in_its_place: said, text)  # type: ignore[misc]
            if not times:
                raise ValueError(f"{pattern} is not in nginx.conf")
        conf = self.data / "nginx.conf"
        conf.write_text(text)
        (self.data / routes.CONF).write_text(routes.conf(self._urls.__getitem__))
        account = "user root; " if os.geteuid() == 0 else ""
        told = f"daemon off; {account}pid '{self.data / 'nginx.pid'}';"
        argv = [self._nginx, "-p", str(self.data), "-c", str(conf), "-g", told]
        self._spawn(argv, "gateway.log", dict(os.environ))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1, trust_env=False).is_success
        except httpx.HTTPError:
            return False
