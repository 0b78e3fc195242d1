"""intake's own settings."""

from pydantic import Field, SecretStr, field_validator

from shared.limits.buckets import Rate
from shared.settings import Limit, Settings
from shared.text.origins import is_unread_on_its_way


class IntakeSettings(Settings):
    http_port: int = 8001
    master_keys: SecretStr
    """`<id>:<base64 of 32 bytes>`, comma separated, newest first: the first one encrypts, all of
    them decrypt, and verify requesters' tokens. Losing them loses every name, contact, PIN and
    word."""
    kms_url: str = ""
    """Of a key service with Vault's transit engine, where master keys are sealed by one:
    `m1:vault:v1:…`. It is asked at the start."""
    kms_key: str = Field(default="klik-desa", pattern=r"^[\w.\-]{1,64}$")
    """The engine's key that they were sealed with."""
    kms_token: SecretStr = SecretStr("")
    """One that may decrypt with it; in a file of the secrets folder."""
    oidc_client_secret: SecretStr = SecretStr("")
    """Where the issuer gave one; in a file of the secrets folder."""
    oidc_scope: str = Field(default="openid", pattern=r"^openid( \S+)*$")
    """What the issuer is asked for; some give a refresh token with `offline_access` alone."""
    stream_key: SecretStr = SecretStr("")
    """Reporting's. By it the dashboard opens to who is signed in here; without it, to a code."""
    roster_key: SecretStr = Field(min_length=24)
    """Routing's. By it the page of rosters opens to who is signed in here."""
    requester_token_days: int = Field(default=30, ge=1, le=366)
    """How long a requester's token works; ticket and PIN give another one."""
    link_token_days: int = Field(default=14, ge=1, le=366)
    """How long the link of an alert opens its consultation without the PIN."""
    retention_contact_days: int = Field(default=365, ge=1)
    """Days after which `klik privacy retention` takes names and contacts out of what has ended."""
    retention_words_days: int = Field(default=730, ge=1)
    """And all that was said."""
    retention_replies_days: int = Field(default=180, ge=1)
    """Days after which it takes the saved replies of an officer who did not use them; those of who
    has a revoked key at once."""
    limit_posts_by_key: Limit = Rate(100, 1000)
    """Posts by one API key or token, each item of a batch being one: over all replicas."""
    limit_posts_by_desa: Limit = Rate(20, 500)
    """Posts about one desa or kelurahan, whoever sends them."""
    page_front_end: str = Field(default="kirim", max_length=64, pattern=r"^[\w.\-]*$")
    """As which front-end the page `/kirim` posts; empty: there is no such page."""
    limit_posts_by_source: Limit = Rate(0.1, 30)
    """Posts by that page from one address, in one process; ten times as much is for all that need
    more, together."""
    limit_moves: Limit = Rate(1, 60)
    """Moves on one consultation, whoever makes them."""
    limit_searches: Limit = Rate(0.5, 30)
    """Searches for words by one API key, token or account, each page being one."""

    @field_validator("kms_url")
    @classmethod
    def _kms_is_unread_on_its_way(cls, url: str) -> str:
        if url and not is_unread_on_its_way(url):
            raise ValueError("neither https nor this host: it hands out master keys")
        return url
