"""What follows from an attempt, whose secrets sign, which events are somebody's business."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.notify.domain.case_view import CaseView
from services.notify.webhooks.domain import subscription
from services.notify.webhooks.domain.access import Visibility, visibility
from services.notify.webhooks.domain.subscription import (
    Cursor,
    Outcome,
    Progress,
    Secret,
    asks_for,
    attempted,
    paused,
    readdressed,
    resumed,
    rotated,
)
from services.notify.webhooks.secrets import Sealer, Unreadable, new_secret
from shared.events import Region
from tests.support.builders import NOON, TENGGARONG, assigned, submitted
from tests.support.services.webhooks import BROKEN, OK, a_subscription

DAY = timedelta(days=1)
HERE = Progress(Cursor(4, 2))
NEXT = Cursor(4, 3)


def tried(progress: Progress, outcome: Outcome, *, at: timedelta = timedelta()) -> Progress:
    return attempted(
        progress,
        outcome,
        event=uuid4(),
        type_="klikdesa.case.held.v1",
        following=Cursor(progress.cursor.segment, progress.cursor.index + 1),
        jitter=0.5,
        now=NOON + at,
    )


def run(progress: Progress, *, at: timedelta = timedelta()) -> tuple[Progress, timedelta, int]:
    """Fail for as long as it is tried: the end, after how long, and after how many attempts."""
    attempts = 0
    while progress.state == "active":
        progress, attempts = tried(progress, BROKEN, at=at), attempts + 1
        if progress.next_at:
            at = progress.next_at - NOON
    return progress, at, attempts


def test_a_delivery_moves_on_and_forgets_failures() -> None:
    after = tried(tried(HERE, BROKEN), OK, at=DAY)
    assert (after.cursor, after.attempts, after.next_at, after.failing_since) == (
        NEXT,
        0,
        None,
        None,
    )
    assert after.delivered_at == NOON + DAY
    assert [line.result for line in after.recent] == ["failed", "delivered"]
    assert [line.number for line in after.recent] == [1, 2]


def test_an_event_is_tried_ten_times_over_a_day_then_the_next_one() -> None:
    progress, at, waits = HERE, timedelta(), []
    while progress.cursor == HERE.cursor:
        progress = tried(progress, BROKEN, at=at)
        assert progress.next_at is not None
        waits.append(progress.next_at - NOON - at)
        at = progress.next_at - NOON
    assert len(waits) == 10
    assert sum(waits[:9], timedelta()) > DAY
    assert waits[:9] == sorted(waits[:9])
    assert progress.cursor == NEXT
    assert progress.recent[-1].result == "given_up"
    assert progress.attempts == 0


def test_after_three_days_of_failures_it_pauses_where_they_began() -> None:
    after, at, attempts = run(HERE)
    assert (after.state, after.reason) == ("paused", "failing")
    assert 3 * DAY <= at < 4 * DAY
    assert attempts > 20
    assert after.cursor == HERE.cursor, "what was given up in between is delivered after all"
    again = resumed(after, None)
    assert (again.state, again.cursor, again.failing_since) == ("active", HERE.cursor, None)
    assert again.recent == after.recent


def test_a_success_in_between_starts_patience_anew() -> None:
    failing = tried(HERE, BROKEN)
    for day in (1, 2):
        failing = tried(failing, BROKEN, at=day * DAY)
    healed = tried(tried(failing, OK, at=2.5 * DAY), BROKEN, at=3 * DAY)
    assert (healed.state, healed.failing_since) == ("active", NOON + 3 * DAY)


def test_days_in_which_nothing_was_tried_are_not_the_endpoints() -> None:
    failing = tried(HERE, BROKEN)
    later = tried(failing, BROKEN, at=4 * DAY)
    assert (later.state, later.failing_since) == ("active", NOON + 4 * DAY)


@pytest.mark.parametrize("reason", ["gone", "address_not_public", "https_required"])
def test_what_cannot_be_helped_is_not_tried_again(reason: str) -> None:
    after = tried(HERE, Outcome(reason, lasting=True))
    assert (after.state, after.reason, after.next_at) == ("paused", reason, None)
    assert after.cursor == HERE.cursor
    assert after.recent[-1].result == "refused"


def test_the_endpoint_may_ask_for_more_time_but_not_for_more_than_a_day() -> None:
    asked = tried(HERE, replace(BROKEN, retry_after=timedelta(minutes=7)))
    assert asked.next_at == NOON + timedelta(minutes=7)
    asked = tried(HERE, replace(BROKEN, retry_after=timedelta(days=90)))
    assert asked.next_at == NOON + DAY


def test_only_the_last_attempts_are_remembered() -> None:
    progress = HERE
    for _ in range(subscription.ATTEMPTS_KEPT + 5):
        progress = tried(progress, OK)
    assert len(progress.recent) == subscription.ATTEMPTS_KEPT
    assert progress.cursor == Cursor(4, 2 + subscription.ATTEMPTS_KEPT + 5)


def test_pausing_and_a_new_address_lose_nothing() -> None:
    given_up = replace(HERE, cursor=Cursor(9), failing_from=HERE.cursor, attempts=3)
    assert paused(given_up, "by_owner").cursor == HERE.cursor
    moved = readdressed(given_up)
    assert (moved.cursor, moved.attempts, moved.failing_from) == (HERE.cursor, 0, None)
    assert resumed(given_up, Cursor(2)).cursor == Cursor(2)


def test_an_old_secret_signs_until_the_overlap_ends() -> None:
    one = a_subscription()
    (old,) = one.secrets
    first = rotated(one, Secret(b"new"), timedelta(hours=24), NOON)
    assert [secret.sealed for secret in first.signing(NOON)] == [b"new", old.sealed]
    assert [secret.sealed for secret in first.signing(NOON + DAY)] == [b"new"]
    # the overlap that was promised first is not made longer
    second = rotated(first, Secret(b"newer"), timedelta(hours=48), NOON)
    assert [secret.sealed for secret in second.signing(NOON + 1.5 * DAY)] == [b"newer", b"new"]
    assert len(rotated(second, Secret(b"newest"), DAY, NOON).secrets) == subscription.MOST_SECRETS
    at_once = rotated(second, Secret(b"newest"), timedelta(), NOON)
    assert [secret.sealed for secret in at_once.secrets] == [b"newest"]


def test_secrets_are_sealed_for_their_subscription() -> None:
    old, new = {"w1": bytes(32)}, {"w2": bytes([1]) * 32}
    secret = new_secret()
    sealed = Sealer(old).seal("a", secret)
    assert secret.encode() not in sealed
    assert Sealer(new | old).open("a", sealed) == secret
    for sealer, id_ in ((Sealer(new), "a"), (Sealer(old), "b")):
        with pytest.raises(Unreadable):
            sealer.open(id_, sealed)
    for wrong in ("", "w1", "w1:abc", "w1:YWJj", ":" + "A" * 43 + "="):
        with pytest.raises(ValueError, match=r"expected|base64"):
            Sealer.parse(wrong)


def test_a_subscription_asks_for_events_and_kecamatan() -> None:
    some = a_subscription(events=("case.held",), kecamatan=("64.02.06",))
    assert asks_for(some, "case.held", "64.02.06")
    assert not asks_for(some, "case.assigned", "64.02.06")
    assert not asks_for(some, "case.held", "64.02.07")
    assert asks_for(a_subscription(), "case.assigned", "64.02.07")


HOME, ELSEWHERE = "64.02.06", "64.02.07"
FAR = Region(kecamatan=ELSEWHERE, desa="64.02.07.2001")


def a_case(region: Region = TENGGARONG, **known: str) -> CaseView:
    return CaseView(uuid4(), region, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "kind", "case", "expected"),
    [
        (TENGGARONG, "konsultasi", None, Visibility.SHOWN),
        (TENGGARONG, "pengaduan", None, Visibility.HIDDEN),
        (TENGGARONG, "pengaduan", a_case(satgas="dpmd"), Visibility.HIDDEN),
        (TENGGARONG, "pengaduan", a_case(satgas=HOME), Visibility.SHOWN),
        (TENGGARONG, None, a_case(), Visibility.UNKNOWN),
        (TENGGARONG, None, None, Visibility.UNKNOWN),
        (TENGGARONG, None, a_case(kind="konsultasi"), Visibility.SHOWN),
        (TENGGARONG, None, a_case(kind="pengaduan"), Visibility.HIDDEN),
        (TENGGARONG, None, a_case(kind="konsultasi", satgas=ELSEWHERE), Visibility.SHOWN),
        (FAR, "konsultasi", a_case(FAR, satgas=ELSEWHERE), Visibility.HIDDEN),
        (FAR, "konsultasi", a_case(FAR, satgas=HOME), Visibility.SHOWN),
        (FAR, "pengaduan", a_case(FAR, satgas=HOME), Visibility.SHOWN),
        (FAR, "pengaduan", a_case(FAR, satgas="dpmd"), Visibility.HIDDEN),
        (FAR, "konsultasi", None, Visibility.UNKNOWN),
    ],
)
def test_a_key_for_one_kecamatan_sees_what_it_could_read(
    region: Region, kind: str | None, case: CaseView | None, expected: Visibility
) -> None:
    event = submitted(region=region).model_dump(mode="json") | {"kind": kind}
    assert visibility(HOME, event, case) is expected
    assert visibility(None, event, case) is Visibility.SHOWN


def test_what_the_case_file_says_now_counts_more_than_the_event() -> None:
    event = assigned(satgas=HOME, kind="pengaduan").model_dump(mode="json")
    assert visibility(HOME, event, None) is Visibility.SHOWN
    assert visibility(HOME, event, a_case(kind="pengaduan", satgas="dpmd")) is Visibility.HIDDEN
