from enum import StrEnum


class SubmissionChannel(StrEnum):
    EMAIL = "email"
    OPEN311 = "open311"
    PHONE = "phone"
    TELEGRAM = "telegram"
    WALK_IN = "walk_in"
    WEB = "web"
    WHATSAPP = "whatsapp"

    def __str__(self) -> str:
        return str(self.value)
