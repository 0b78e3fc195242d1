"""Contains all the data models used in inputs/outputs"""

from .accepted_count import AcceptedCount
from .accepted_counts import AcceptedCounts
from .batch import Batch
from .batch_batch_item import BatchBatchItem
from .batch_batch_item_channel import BatchBatchItemChannel
from .batch_batch_item_kind import BatchBatchItemKind
from .batch_batch_item_topic import BatchBatchItemTopic
from .batch_item import BatchItem
from .batch_item_channel import BatchItemChannel
from .batch_item_kind import BatchItemKind
from .batch_item_topic import BatchItemTopic
from .batch_receipt import BatchReceipt
from .batch_reply import BatchReply
from .consultation_view import ConsultationView
from .consultation_view_level_type_0 import ConsultationViewLevelType0
from .consultation_view_possible_item import ConsultationViewPossibleItem
from .consultation_view_status import ConsultationViewStatus
from .contact import Contact
from .contact_channel import ContactChannel
from .contact_view import ContactView
from .contact_view_channel import ContactViewChannel
from .contacts_asked import ContactsAsked
from .contacts_view import ContactsView
from .entry_view import EntryView
from .entry_view_actor_type_0 import EntryViewActorType0
from .escalation import Escalation
from .escalation_reason import EscalationReason
from .field_error import FieldError
from .inbox_item import InboxItem
from .inbox_item_status import InboxItemStatus
from .inbox_view import InboxView
from .inbox_view_counts import InboxViewCounts
from .links import Links
from .list_consultations_order import ListConsultationsOrder
from .list_consultations_status import ListConsultationsStatus
from .message_view import MessageView
from .message_view_actor import MessageViewActor
from .new_message import NewMessage
from .new_message_kind import NewMessageKind
from .new_reply import NewReply
from .notice import Notice
from .place import Place
from .problem import Problem
from .rating import Rating
from .receipt import Receipt
from .reference_name import ReferenceName
from .reference_view import ReferenceView
from .reference_view_aliases_type_0 import ReferenceViewAliasesType0
from .reference_view_items_item import ReferenceViewItemsItem
from .rejection import Rejection
from .rejection_reason import RejectionReason
from .requester import Requester
from .requester_role import RequesterRole
from .requester_view import RequesterView
from .requester_view_contact_type_0 import RequesterViewContactType0
from .saved_replies_view import SavedRepliesView
from .saved_reply_view import SavedReplyView
from .status_view import StatusView
from .status_view_status import StatusViewStatus
from .submission import Submission
from .submission_channel import SubmissionChannel
from .submission_kind import SubmissionKind
from .submission_topic import SubmissionTopic
from .token_view import TokenView
from .track_entry import TrackEntry
from .track_view import TrackView
from .track_view_status import TrackViewStatus
from .transfer import Transfer
from .transfer_reason import TransferReason
from .transfer_to import TransferTo

__all__ = (
    "AcceptedCount",
    "AcceptedCounts",
    "Batch",
    "BatchBatchItem",
    "BatchBatchItemChannel",
    "BatchBatchItemKind",
    "BatchBatchItemTopic",
    "BatchItem",
    "BatchItemChannel",
    "BatchItemKind",
    "BatchItemTopic",
    "BatchReceipt",
    "BatchReply",
    "ConsultationView",
    "ConsultationViewLevelType0",
    "ConsultationViewPossibleItem",
    "ConsultationViewStatus",
    "Contact",
    "ContactChannel",
    "ContactView",
    "ContactViewChannel",
    "ContactsAsked",
    "ContactsView",
    "EntryView",
    "EntryViewActorType0",
    "Escalation",
    "EscalationReason",
    "FieldError",
    "InboxItem",
    "InboxItemStatus",
    "InboxView",
    "InboxViewCounts",
    "Links",
    "ListConsultationsOrder",
    "ListConsultationsStatus",
    "MessageView",
    "MessageViewActor",
    "NewMessage",
    "NewMessageKind",
    "NewReply",
    "Notice",
    "Place",
    "Problem",
    "Rating",
    "Receipt",
    "ReferenceName",
    "ReferenceView",
    "ReferenceViewAliasesType0",
    "ReferenceViewItemsItem",
    "Rejection",
    "RejectionReason",
    "Requester",
    "RequesterRole",
    "RequesterView",
    "RequesterViewContactType0",
    "SavedRepliesView",
    "SavedReplyView",
    "StatusView",
    "StatusViewStatus",
    "Submission",
    "SubmissionChannel",
    "SubmissionKind",
    "SubmissionTopic",
    "TokenView",
    "TrackEntry",
    "TrackView",
    "TrackViewStatus",
    "Transfer",
    "TransferReason",
    "TransferTo",
)
