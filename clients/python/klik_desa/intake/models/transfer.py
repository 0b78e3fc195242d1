from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.transfer_reason import TransferReason
from ..models.transfer_to import TransferTo
from ..types import UNSET, Unset

T = TypeVar("T", bound="Transfer")


@_attrs_define
class Transfer:
    """Who should have it instead: another satgas, or another officer of this one.

    Attributes:
        reason (TransferReason): Why: a code, or what decided it
        to (TransferTo): Who gets it: a kecamatan's code, or `dpmd`
        officer (None | str | Unset): The officer's code
    """

    reason: TransferReason
    to: TransferTo
    officer: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason.value

        to = self.to.value

        officer: None | str | Unset
        if isinstance(self.officer, Unset):
            officer = UNSET
        else:
            officer = self.officer

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
                "to": to,
            }
        )
        if officer is not UNSET:
            field_dict["officer"] = officer

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        reason = TransferReason(d.pop("reason"))

        to = TransferTo(d.pop("to"))

        def _parse_officer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        officer = _parse_officer(d.pop("officer", UNSET))

        transfer = cls(
            reason=reason,
            to=to,
            officer=officer,
        )

        return transfer
