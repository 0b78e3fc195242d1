"""Puts intake together."""

from datetime import timedelta
from pathlib import Path

from services.intake import api
from services.intake.acceptance import Acceptance
from services.intake.accounts.attempts import PURPOSE as ATTEMPTS
from services.intake.accounts.attempts import Attempts
from services.intake.accounts.issuer import Issuer, registered
from services.intake.accounts.sessions import AccountSessions
from services.intake.clients.key_service import open_encryption
from services.intake.erasure import Erasure
from services.intake.handlers import Handlers
from services.intake.link_tokens import PURPOSE as LINKS
from services.intake.link_tokens import LinkTokens
from services.intake.moves import Moves
from services.intake.pages.accounts import AccountSignIn
from services.intake.pages.follow import Following
from services.intake.pages.handling import Handling
from services.intake.pages.inbox import Inbox
from services.intake.pages.routes import routes as page_routes
from services.intake.pages.sign_in import SigningIn
from services.intake.pages.site import PAGES
from services.intake.pages.submit import Submitting
from services.intake.requester_tokens import PURPOSE, RequesterTokens
from services.intake.settings import IntakeSettings
from services.intake.store.account_sessions import PURPOSE as REFRESH_TOKENS
from services.intake.store.account_sessions import AccountSessionsStore
from services.intake.store.consultations import Consultations
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import EnvelopeEncryption
from services.intake.store.ended_sessions import EndedSessionsStore
from services.intake.store.erasures import ErasuresStore
from services.intake.store.master_keys import MasterKeys
from services.intake.store.pin_tries import PinTriesStore
from services.intake.store.saved_replies import PURPOSE as REPLIES
from services.intake.store.saved_replies import SavedRepliesStore
from services.intake.tracking import LinkRequests, Tracking
from shared.limits.buckets import Buckets
from shared.limits.callers import CallerLimits
from shared.periodic import PeriodicTask
from shared.service import Service
from shared.times import Clock, shifted
from shared.web.auth import open_tokens
from shared.web.pages.report_tokens import ReportTokens
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.pages.sessions import PURPOSE as SESSIONS
from shared.web.pages.sessions import Sessions

DESCRIPTION = "Takes consultations in, keeps them, and shows where they are."
DOCUMENTATION = Path(__file__).parent / "api" / "documentation.json"

#: Seconds between looks for tries of PINs that no limit asks for any more, and for sessions that
#: are over.
FORGET_SECONDS = 3600
#: Seconds between looks for erasures that were interrupted.
FINISH_SECONDS = 60
#: Seconds after which a master key that was forgotten too early is noted again.
NOTE_SECONDS = 60


def create_service(settings: IntakeSettings, clock: Clock | None = None) -> Service:
    clock = clock or shifted(settings.clock_shift)
    service = Service("intake", settings, DESCRIPTION, needs={"store"}, documentation=DOCUMENTATION)
    collection = service.database.collection("consultations")
    outbox = service.outbox(collection, "consultations")
    encryption = open_encryption(settings)
    data_keys = service.database.collection("data_keys")
    keys = DataKeys(data_keys, encryption)
    consultations = Consultations(collection, keys, outbox, encryption)
    known_keys = MasterKeys(service.database.collection("master_keys"), encryption, clock)
    service.prepare(known_keys.prepare)
    service.work(PeriodicTask("master keys", known_keys.note, NOTE_SECONDS))
    service.prepare(consultations.prepare)
    service.consume(Handlers(consultations, clock).subscriptions(), prefetch=100)
    by_key = Buckets("posts-by-key", settings.limit_posts_by_key)
    by_desa = Buckets("posts-by-desa", settings.limit_posts_by_desa)
    by_consultation = Buckets("moves", settings.limit_moves)
    service.app.state.searches = searches = Buckets("searches", settings.limit_searches)
    service.share(by_key, by_desa, by_consultation, searches)
    acceptance = Acceptance(consultations, clock, by_key=by_key, by_desa=by_desa)
    moves = Moves(consultations, clock, by_consultation)
    listed = service.database.collection("erasures")
    erasures = ErasuresStore(collection, listed, keys, outbox)
    service.prepare(erasures.prepare)
    erasure = Erasure(erasures, clock)
    service.work(PeriodicTask("erasures", erasure.finish, FINISH_SECONDS))
    tries = PinTriesStore(service.database.collection("pin_tries"), encryption.secret("pin tries"))
    service.prepare(tries.prepare)
    service.work(PeriodicTask("pin tries", lambda: tries.forget(clock()), FORGET_SECONDS))
    tracking = Tracking(consultations, tries, clock)
    lifetime = timedelta(days=settings.requester_token_days)
    tokens = RequesterTokens(encryption.secrets(PURPOSE), lifetime, clock)
    service.app.state.own_tokens = tokens
    links = LinkTokens(encryption.secrets(LINKS), timedelta(days=settings.link_token_days), clock)
    kept = service.database.collection("saved_replies")
    replies = SavedRepliesStore(kept, keys, encryption.secret(REPLIES), clock)
    service.prepare(replies.prepare)
    link_requests = LinkRequests(consultations, tries, clock)
    service.on_stop(link_requests.finish)
    for_requesters = (tracking, tokens, links, link_requests)
    service.api(
        api.routes(acceptance, moves, consultations, *for_requesters, erasure, replies, clock)
    )
    following = Following(tracking, tokens, links, link_requests, moves, consultations)
    submitting = settings.page_front_end and Submitting(
        acceptance,
        clock,
        front_end=settings.page_front_end,
        public_url=settings.public_url,
        limits=CallerLimits.of(None, settings.limit_posts_by_source),
    )
    signing_in, by_account = _signing_in(service, settings, encryption, clock)
    inbox = Inbox(signing_in.sessions, consultations, clock)
    handling = Handling(signing_in.sessions, moves, consultations, replies, clock)
    stream_key = settings.stream_key.get_secret_value().strip().encode()
    reports = ReportTokens(stream_key, service.app.state.keyring, clock) if stream_key else None
    roster_key = settings.roster_key.get_secret_value().strip().encode()
    rosters = RosterTokens(roster_key, service.app.state.keyring, clock)
    for_people = (inbox, handling, signing_in, rosters, by_account, reports)
    service.api(page_routes(following, submitting or None, *for_people))
    service.app.state.error_page = PAGES.error
    return service


def _signing_in(
    service: Service, settings: IntakeSettings, encryption: EnvelopeEncryption, clock: Clock
) -> tuple[SigningIn, AccountSignIn | None]:
    """By code, and by account where we are registered with the issuer."""
    secrets = encryption.secrets(SESSIONS)
    ended = EndedSessionsStore(service.database.collection("ended_sessions"))
    service.prepare(ended.prepare)
    forget = PeriodicTask("ended sessions", lambda: ended.forget(clock()), FORGET_SECONDS)
    service.work(forget)
    tokens = open_tokens(settings, settings.oidc_client_id) if settings.oidc_client_id else None
    if tokens is None:
        return SigningIn(Sessions(secrets, clock, ended)), None
    ours = registered(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_scope,
        settings.public_url,
    )
    issuer = Issuer(ours, tokens)
    service.on_stop(issuer.close)
    collection = service.database.collection("account_sessions")
    store = AccountSessionsStore(collection, encryption.secrets(REFRESH_TOKENS))
    service.prepare(store.prepare)
    forget = PeriodicTask("account sessions", lambda: store.forget(clock()), FORGET_SECONDS)
    service.work(forget)
    accounts = AccountSessions(issuer, store, clock)
    signing_in = SigningIn(Sessions(secrets, clock, ended, accounts), issuer, accounts)
    attempts = Attempts(encryption.secrets(ATTEMPTS), clock)
    return signing_in, AccountSignIn(signing_in, issuer, attempts, accounts)
