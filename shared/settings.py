"""Settings that all services share. Each service adds its own keys in its `settings.py`.

A value comes from the environment (`KLIK_AMQP_URL=…`) or from a file of that name, in small
letters, in the folder `KLIK_SECRETS_DIR` (`/run/klik/klik_amqp_password`); the first of these wins.
For tools, between the two, stands what `klik run` wrote into `.data/klik.env` about its system. A
missing or malformed value ends the start with the variable's name. This is the only file that reads
the environment.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.limits.buckets import Rate
from shared.text.origins import is_unread_on_its_way, origins_of

#: What `klik run` tells of its system, in the folder where it was started.
BESIDE = Path(".data/klik.env")

Limit = Annotated[
    Rate | None,
    NoDecode,
    BeforeValidator(lambda text: Rate.parse(text) if isinstance(text, str) else text),
]
"""`<per second>/<burst>`, or `off`."""

Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(lambda text: origins_of(text) if isinstance(text, str) else text),
]


class Beside(BaseSettings):
    """Where the system of `klik run` is, for a tool; the environment may name another one."""

    model_config = SettingsConfigDict(
        env_prefix="KLIK_", env_file=BESIDE, extra="ignore", frozen=True
    )

    secrets_dir: str | None = None
    intake_url: str | None = None
    notify_url: str | None = None
    reporting_url: str | None = None


class Connections(BaseSettings):
    """How to reach RabbitMQ and MongoDB; what a tool of ours needs."""

    model_config = SettingsConfigDict(env_prefix="KLIK_", extra="ignore", frozen=True)

    amqp_url: SecretStr = SecretStr("amqp://guest:guest@127.0.0.1:5672/")
    amqp_password: SecretStr | None = None
    """Replaces the password in `amqp_url`, so that it can come from a secrets file."""
    rabbitmq_api_url: str = ""
    """RabbitMQ's management API, for `klik provision`; without it, port 15672 of that host."""
    mongo_url: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?directConnection=true")
    mongo_password: SecretStr | None = None
    mongo_driver: Literal["motor", "pymongo"] = "motor"
    """`pymongo` runs on PyMongo's own asyncio client: see docs/decisions/0004."""
    mongo_prefix: str = "klik"
    """Databases are called `<prefix>_<service>`; tests use one prefix each."""

    @property
    def amqp_dsn(self) -> str:
        return with_password(self.amqp_url, self.amqp_password)

    @property
    def mongo_dsn(self) -> str:
        return with_password(self.mongo_url, self.mongo_password)

    @classmethod
    def load(cls) -> Self:
        """Read from environment and secrets folder, or end the process saying which is wrong."""
        return cls._read(None, os.environ.get("KLIK_SECRETS_DIR"))  # noqa: TID251

    @classmethod
    def load_beside(cls) -> Self:
        """For a tool: as `load`, but of the system of `klik run` in this folder, where there is
        one and the environment names no other. It guesses none: the usual ports may be anybody's.
        """
        found = cls._read(BESIDE, Beside().secrets_dir)
        if missing := _ADDRESSES - found.model_fields_set:
            _end(sorted(f"{_variable(name)}: missing" for name in missing), _SAY_WHICH)
        return found

    @classmethod
    def beside_if_known(cls) -> Self | None:
        """The same, for what can be done without a system; None where there is none."""
        found = cls._read(BESIDE, Beside().secrets_dir)
        return None if _ADDRESSES - found.model_fields_set else found

    @classmethod
    def _read(cls, env_file: Path | None, folder: str | None) -> Self:
        try:
            return cls(_env_file=env_file, _secrets_dir=folder)
        except ValidationError as error:
            said = [
                # what is wrong between several names them itself
                f"{_variable(*problem['loc'])}: {problem['msg']}"
                if problem["loc"]
                else problem["msg"]
                for problem in error.errors(include_input=False)
            ]
            _end(said, _SAY_WHICH if env_file else "")


_ADDRESSES = {"amqp_url", "mongo_url"}
_SAY_WHICH = (
    "Of which system? Type this in the folder where `make run` is running, or set KLIK_SECRETS_DIR "
    "and the addresses (docs/operations.md)."
)


def _variable(*location: int | str) -> str:
    return "KLIK_" + "_".join(str(part) for part in location).upper()


def _end(said: list[str], hint: str) -> NoReturn:
    sys.stderr.write("\n".join(filter(None, (*said, hint))) + "\n")
    sys.exit(2)


class Settings(Connections):
    """What every service needs besides."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=0, le=65535)
    """0 takes a free port."""
    keyring: SecretStr
    """The hashed API keys, as `klik secrets` writes them (JSON)."""
    event_keys: SecretStr
    """What events are signed and checked with, likewise; a service uses those of its own pairs."""
    secrets_dir: Path | None = None
    """The folder with a file for each secret setting."""
    audit_key: SecretStr = SecretStr("")
    """Where requests came from is in the audit as a hash under this key; without it, not at all."""

    oidc_issuer: str = ""
    """Whose tokens are taken beside API keys: the `iss` in them. This, `oidc_audience` and
    `oidc_jwks` go together; without them there are API keys only."""
    oidc_audience: str = ""
    """The `aud` of tokens that are for this system."""
    oidc_jwks: str = ""
    """Where the issuer's public keys are: an https address, or a file."""
    oidc_client_id: str = ""
    """As whom people sign in with the issuer, on the pages; without it they do so by code alone."""
    oidc_role_claim: str = Field(default="klik_role", min_length=1)
    oidc_territory_claim: str = Field(default="klik_territory", min_length=1)

    public_url: str = "http://127.0.0.1:8080"
    """Where people reach the system; links in alerts start with it."""

    cors_origins: Origins = ()
    """Origins whose pages may call the APIs from a browser, with commas between them."""

    limit_wrong_keys: Limit = Rate(0.2, 30)
    """Keys and tokens that are not valid, from one address (of IPv6: one /64), in one process."""
    limit_anonymous: Limit = Rate(20, 400)
    """Requests for open data without a key, from one address, in one process; ten times as much
    is for all that need more, together."""

    instance: str = ""
    """What `/readyz` answers with: whoever started the process knows its own by it."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    clock_shift: float = 0
    """Seconds that the service's clock is ahead. For drills: what happens at a deadline."""
    stop_timeout: float = Field(default=20, gt=0)
    """Seconds to finish what is in flight after SIGTERM; stay below `stop_grace_period`."""

    def file_of(self, name: str) -> Path | None:
        """Where the setting `name` was read from; None where it came from the environment."""
        variable = _variable(name)
        if self.secrets_dir is None or variable in map(str.upper, os.environ):  # noqa: TID251
            return None
        path = self.secrets_dir / variable.lower()
        return path if path.is_file() else None

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        parts = {name: getattr(self, name) for name in _OIDC}
        for name in _OIDC:
            if any(parts.values()) and not parts[name]:
                raise PydanticCustomError("oidc", f"KLIK_{name.upper()}: {_TOGETHER}")
        keys = self.oidc_jwks
        if keys and not (is_unread_on_its_way(keys) or Path(keys).is_file()):
            raise PydanticCustomError("oidc", "KLIK_OIDC_JWKS: neither an https address nor a file")
        if self.oidc_client_id and not self.oidc_issuer:
            raise PydanticCustomError("oidc", "KLIK_OIDC_CLIENT_ID: missing: KLIK_OIDC_ISSUER")
        if self.oidc_client_id and not is_unread_on_its_way(self.oidc_issuer):
            raise PydanticCustomError("oidc", "KLIK_OIDC_ISSUER: people sign in by https alone")
        return self


_OIDC = ("oidc_issuer", "oidc_audience", "oidc_jwks")
_TOGETHER = f"missing: {', '.join(f'KLIK_{name.upper()}' for name in _OIDC)} go together"


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
