from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.holiday_view import HolidayView
    from ..models.open_day_view import OpenDayView
    from ..models.profile_view import ProfileView
    from ..models.season_view import SeasonView


T = TypeVar("T", bound="CalendarView")


@_attrs_define
class CalendarView:
    """The working days and office hours of a year.

    Attributes:
        has_cuti_bersama (bool): False: not decreed yet, or not known here. The deadlines of that year may still move.
        holidays (list[HolidayView]): The year's days off, with their names
        holidays_version (str): The version of the holidays alone
        hours_version (str): The version of the office hours alone
        open_days (list[OpenDayView]): Days that are worked although they would be free
        profiles (list[ProfileView]): The weeks' hours that the year uses
        seasons (list[SeasonView]): Ramadan: two of them in some years, and from the year before or into the next.
        version (str): Changes when any day or hour does; the `calendar_version` of cases.
        working_days (int): How many days of the year are worked
        year (int): The year
        zone (str): The zone that days and hours are in
    """

    has_cuti_bersama: bool
    holidays: list[HolidayView]
    holidays_version: str
    hours_version: str
    open_days: list[OpenDayView]
    profiles: list[ProfileView]
    seasons: list[SeasonView]
    version: str
    working_days: int
    year: int
    zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        has_cuti_bersama = self.has_cuti_bersama

        holidays = []
        for holidays_item_data in self.holidays:
            holidays_item = holidays_item_data.to_dict()
            holidays.append(holidays_item)

        holidays_version = self.holidays_version

        hours_version = self.hours_version

        open_days = []
        for open_days_item_data in self.open_days:
            open_days_item = open_days_item_data.to_dict()
            open_days.append(open_days_item)

        profiles = []
        for profiles_item_data in self.profiles:
            profiles_item = profiles_item_data.to_dict()
            profiles.append(profiles_item)

        seasons = []
        for seasons_item_data in self.seasons:
            seasons_item = seasons_item_data.to_dict()
            seasons.append(seasons_item)

        version = self.version

        working_days = self.working_days

        year = self.year

        zone = self.zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "has_cuti_bersama": has_cuti_bersama,
                "holidays": holidays,
                "holidays_version": holidays_version,
                "hours_version": hours_version,
                "open_days": open_days,
                "profiles": profiles,
                "seasons": seasons,
                "version": version,
                "working_days": working_days,
                "year": year,
                "zone": zone,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.holiday_view import HolidayView
        from ..models.open_day_view import OpenDayView
        from ..models.profile_view import ProfileView
        from ..models.season_view import SeasonView

        d = dict(src_dict)
        has_cuti_bersama = d.pop("has_cuti_bersama")

        holidays = []
        _holidays = d.pop("holidays")
        for holidays_item_data in _holidays:
            holidays_item = HolidayView.from_dict(holidays_item_data)

            holidays.append(holidays_item)

        holidays_version = d.pop("holidays_version")

        hours_version = d.pop("hours_version")

        open_days = []
        _open_days = d.pop("open_days")
        for open_days_item_data in _open_days:
            open_days_item = OpenDayView.from_dict(open_days_item_data)

            open_days.append(open_days_item)

        profiles = []
        _profiles = d.pop("profiles")
        for profiles_item_data in _profiles:
            profiles_item = ProfileView.from_dict(profiles_item_data)

            profiles.append(profiles_item)

        seasons = []
        _seasons = d.pop("seasons")
        for seasons_item_data in _seasons:
            seasons_item = SeasonView.from_dict(seasons_item_data)

            seasons.append(seasons_item)

        version = d.pop("version")

        working_days = d.pop("working_days")

        year = d.pop("year")

        zone = d.pop("zone")

        calendar_view = cls(
            has_cuti_bersama=has_cuti_bersama,
            holidays=holidays,
            holidays_version=holidays_version,
            hours_version=hours_version,
            open_days=open_days,
            profiles=profiles,
            seasons=seasons,
            version=version,
            working_days=working_days,
            year=year,
            zone=zone,
        )

        calendar_view.additional_properties = d
        return calendar_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
