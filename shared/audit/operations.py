"""Which operations are written down: every one of them is named here, once.

`tests/unit/shared/audit/test_operations.py` holds this against the routes that there are.
"""

READS = frozenset(
    {
        # intake
        "read_consultation", "list_consultations", "read_contacts",
        # moves answer with the consultation
        "add_message", "acknowledge_consultation", "close_consultation", "reopen_consultation",
        "withdraw_consultation", "reject_consultation", "transfer_consultation",
        "escalate_consultation", "rate_consultation",
        # by ticket and PIN
        "track", "track_token", "track_by_form", "follow_page", "follow_move",
        # notify: addresses of officers
        "read_recipient",
        # reporting: which consultations are behind a figure, and figures that are carried away
        "list_members", "list_members_csv", "list_members_xlsx", "report_consultations_csv",
        "report_consultations_xlsx", "report_consultations_parquet",
    }
)  # fmt: skip
"""They show personal data, or carry something away: written down before the answer is sent."""

CHANGES = frozenset(
    {
        "erase_consultation", "delete_saved_reply",
        "put_satgas", "put_policy", "put_local_calendar",
        "put_recipient", "put_opt_out", "create_webhook", "put_webhook", "delete_webhook",
        "rotate_webhook",
    }
)  # fmt: skip
"""Erasures, keys, policy, and where things are sent: written down before they are made, too."""

AT_TIMES = frozenset({"report_consultations"})
"""Where the route says so: it answers with a file where that is asked for."""

NOT_PERSONAL = frozenset(
    {
        # intake; who posts is answered with the receipt alone
        "submit_consultation", "submit_batch", "read_status", "count_accepted",
        # texts of whoever asks for them
        "list_saved_replies", "save_reply",
        # routing: codes of officers and cases
        "read_case", "read_satgas", "read_policy", "read_calendar", "read_local_calendar",
        # notify: "Addresses are nowhere in it", and front-ends' own subscriptions
        "list_alerts", "read_alert", "resend_alert", "list_webhooks", "read_webhook",
        "test_webhook", "pause_webhook", "resume_webhook", "list_deliveries",
        # reporting counts only
        "read_overview", "stream_changes", "create_stream_token", "list_summaries",
        "reconcile_counts",
    }
)  # fmt: skip
