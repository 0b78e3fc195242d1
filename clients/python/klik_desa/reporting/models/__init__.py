"""Contains all the data models used in inputs/outputs"""

from .age import Age
from .backlog import Backlog
from .demand import Demand
from .demands import Demands
from .duration import Duration
from .field_error import FieldError
from .kecamatan_demand import KecamatanDemand
from .lagging import Lagging
from .list_members_csv_decimal import ListMembersCsvDecimal
from .list_members_csv_delimiter import ListMembersCsvDelimiter
from .list_members_csv_excel import ListMembersCsvExcel
from .list_summaries_every import ListSummariesEvery
from .member import Member
from .member_stage import MemberStage
from .members import Members
from .of_desa import OfDesa
from .of_goal import OfGoal
from .of_kecamatan import OfKecamatan
from .of_topic import OfTopic
from .of_vulnerable import OfVulnerable
from .overview import Overview
from .overview_figures import OverviewFigures
from .period import Period
from .problem import Problem
from .reconciliation import Reconciliation
from .reconciliation_row import ReconciliationRow
from .report import Report
from .report_consultations_csv_decimal import ReportConsultationsCsvDecimal
from .report_consultations_csv_delimiter import ReportConsultationsCsvDelimiter
from .report_consultations_csv_excel import ReportConsultationsCsvExcel
from .row import Row
from .stream_token_view import StreamTokenView
from .summaries_view import SummariesView
from .summary import Summary
from .summary_every import SummaryEvery
from .summary_view import SummaryView
from .targets import Targets
from .targets_answer_days_by_kind import TargetsAnswerDaysByKind
from .today import Today
from .topic_demand import TopicDemand
from .totals import Totals
from .trend import Trend
from .trend_by import TrendBy

__all__ = (
    "Age",
    "Backlog",
    "Demand",
    "Demands",
    "Duration",
    "FieldError",
    "KecamatanDemand",
    "Lagging",
    "ListMembersCsvDecimal",
    "ListMembersCsvDelimiter",
    "ListMembersCsvExcel",
    "ListSummariesEvery",
    "Member",
    "MemberStage",
    "Members",
    "OfDesa",
    "OfGoal",
    "OfKecamatan",
    "OfTopic",
    "OfVulnerable",
    "Overview",
    "OverviewFigures",
    "Period",
    "Problem",
    "Reconciliation",
    "ReconciliationRow",
    "Report",
    "ReportConsultationsCsvDecimal",
    "ReportConsultationsCsvDelimiter",
    "ReportConsultationsCsvExcel",
    "Row",
    "StreamTokenView",
    "SummariesView",
    "Summary",
    "SummaryEvery",
    "SummaryView",
    "Targets",
    "TargetsAnswerDaysByKind",
    "Today",
    "TopicDemand",
    "Totals",
    "Trend",
    "TrendBy",
)
