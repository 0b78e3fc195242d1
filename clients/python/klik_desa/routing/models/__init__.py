"""Contains all the data models used in inputs/outputs"""

from .assignment_reason import AssignmentReason
from .assignment_reason_rule import AssignmentReasonRule
from .assignment_reason_strategy import AssignmentReasonStrategy
from .calendar_view import CalendarView
from .case_view import CaseView
from .case_view_attention import CaseViewAttention
from .case_view_held_reason_type_0 import CaseViewHeldReasonType0
from .case_view_level_type_0 import CaseViewLevelType0
from .case_view_state import CaseViewState
from .case_view_turn import CaseViewTurn
from .clock_rule import ClockRule
from .clock_rule_days_by_kind import ClockRuleDaysByKind
from .clock_view import ClockView
from .clock_view_name import ClockViewName
from .clock_view_state import ClockViewState
from .day_view import DayView
from .decision_view import DecisionView
from .decision_view_held_reason_type_0 import DecisionViewHeldReasonType0
from .decision_view_level import DecisionViewLevel
from .escalation import Escalation
from .escalation_to import EscalationTo
from .field_error import FieldError
from .holiday_view import HolidayView
from .holiday_view_category import HolidayViewCategory
from .interval_view import IntervalView
from .leave_body import LeaveBody
from .leave_view import LeaveView
from .local_calendar import LocalCalendar
from .local_day import LocalDay
from .local_day_kind import LocalDayKind
from .officer_body import OfficerBody
from .officer_body_topics_item import OfficerBodyTopicsItem
from .officer_view import OfficerView
from .officer_view_presence import OfficerViewPresence
from .open_day_view import OpenDayView
from .passed_over import PassedOver
from .passed_over_reason import PassedOverReason
from .policy_body import PolicyBody
from .policy_body_strategy import PolicyBodyStrategy
from .policy_body_strategy_by_satgas import PolicyBodyStrategyBySatgas
from .policy_body_strategy_by_satgas_additional_property import (
    PolicyBodyStrategyBySatgasAdditionalProperty,
)
from .policy_view import PolicyView
from .policy_view_strategy import PolicyViewStrategy
from .policy_view_strategy_by_satgas import PolicyViewStrategyBySatgas
from .policy_view_strategy_by_satgas_additional_property import (
    PolicyViewStrategyBySatgasAdditionalProperty,
)
from .problem import Problem
from .profile_view import ProfileView
from .ramadan import Ramadan
from .roster_body import RosterBody
from .satgas_view import SatgasView
from .season_view import SeasonView
from .week import Week
from .weeks import Weeks

__all__ = (
    "AssignmentReason",
    "AssignmentReasonRule",
    "AssignmentReasonStrategy",
    "CalendarView",
    "CaseView",
    "CaseViewAttention",
    "CaseViewHeldReasonType0",
    "CaseViewLevelType0",
    "CaseViewState",
    "CaseViewTurn",
    "ClockRule",
    "ClockRuleDaysByKind",
    "ClockView",
    "ClockViewName",
    "ClockViewState",
    "DayView",
    "DecisionView",
    "DecisionViewHeldReasonType0",
    "DecisionViewLevel",
    "Escalation",
    "EscalationTo",
    "FieldError",
    "HolidayView",
    "HolidayViewCategory",
    "IntervalView",
    "LeaveBody",
    "LeaveView",
    "LocalCalendar",
    "LocalDay",
    "LocalDayKind",
    "OfficerBody",
    "OfficerBodyTopicsItem",
    "OfficerView",
    "OfficerViewPresence",
    "OpenDayView",
    "PassedOver",
    "PassedOverReason",
    "PolicyBody",
    "PolicyBodyStrategy",
    "PolicyBodyStrategyBySatgas",
    "PolicyBodyStrategyBySatgasAdditionalProperty",
    "PolicyView",
    "PolicyViewStrategy",
    "PolicyViewStrategyBySatgas",
    "PolicyViewStrategyBySatgasAdditionalProperty",
    "Problem",
    "ProfileView",
    "Ramadan",
    "RosterBody",
    "SatgasView",
    "SeasonView",
    "Week",
    "Weeks",
)
