"""Settings that all services share. Each service adds its own keys in its `settings.py`.

A value comes from the environment (`KLIK_AMQP_URL=…`) or from a file of that name, in small
letters, in the folder `KLIK_SECRETS_DIR` (`/run/klik/klik_amqp_password`), or from
`.data/klik.env`, which `klik run` writes for the tools used beside it; the first of these wins.
A missing or malformed value ends the start with the variable's name. This is the only file that
reads the environment.
"""

import os
import sys
from typing import Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Connections(BaseSettings):
    """How to reach RabbitMQ and MongoDB; what a tool of ours needs."""

    model_config = SettingsConfigDict(
        env_prefix="KLIK_", env_file=".data/klik.env", extra="ignore", frozen=True
    )

    amqp_url: SecretStr = SecretStr("amqp://guest:guest@127.0.0.1:5672/")
    amqp_password: SecretStr | None = None
    """Replaces the password in `amqp_url`, so that it can come from a secrets file."""
    mongo_url: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?directConnection=true")
    mongo_password: SecretStr | None = None

    @property
    def amqp_dsn(self) -> str:
        return with_password(self.amqp_url, self.amqp_password)

    @property
    def mongo_dsn(self) -> str:
        return with_password(self.mongo_url, self.mongo_password)

    @classmethod
    def load(cls) -> Self:
        """Read from environment and secrets folder, or end the process saying which is wrong."""
        folder = os.environ.get("KLIK_SECRETS_DIR")  # noqa: TID251
        try:
            return cls(_secrets_dir=folder)
        except ValidationError as error:
            for problem in error.errors(include_input=False):
                name = "KLIK_" + "_".join(str(part) for part in problem["loc"]).upper()
                sys.stderr.write(f"{name}: {problem['msg']}\n")
            sys.exit(2)


class Settings(Connections):
    """What every service needs besides."""

    mongo_driver: Literal["motor", "pymongo"] = "motor"
    """`pymongo` runs on PyMongo's own asyncio client: see docs/decisions/0004."""
    mongo_prefix: str = "klik"
    """Databases are called `<prefix>_<service>`; tests use one prefix each."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=0, le=65535)
    """0 takes a free port."""
    keyring: SecretStr
    """The hashed API keys, as `klik secrets` writes them (JSON)."""
    public_url: str = "http://127.0.0.1:8080"
    """Where people reach the system; links in alerts start with it."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    stop_timeout: float = Field(default=20, gt=0)
    """Seconds to finish what is in flight after SIGTERM; stay below `stop_grace_period`."""


def with_password(url: SecretStr, password: SecretStr | None) -> str:
    """`url` with `password` put in place of its own, if there is one."""
    plain = url.get_secret_value()
    if password is None:
        return plain
    parts = urlsplit(plain)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username or ""
    secret = quote(password.get_secret_value().strip(), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{secret}@{host}"))
