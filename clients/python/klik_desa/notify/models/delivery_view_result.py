from enum import StrEnum


class DeliveryViewResult(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    REFUSED = "refused"

    def __str__(self) -> str:
        return str(self.value)
