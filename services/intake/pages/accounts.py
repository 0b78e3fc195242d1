"""`/masuk/akun` and `/masuk/kembali`: to the issuer, and back from it with a session."""

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.accounts.attempts import Attempt, Attempts
from services.intake.accounts.issuer import Account, Issuer, IssuerUnavailable, NotAdmitted
from services.intake.accounts.sessions import AccountSessions
from services.intake.pages.sign_in import SigningIn, has_a_page, own_target, target_of
from shared.web.auth import take_refused, without_key
from shared.web.pages.forms import check_site
from shared.web.pages.page import language_of

log = logging.getLogger(__name__)

#: Of what an issuer sends back, so much is looked at.
MAX_CODE_CHARACTERS = 2_000


class AccountSignIn:
    def __init__(
        self,
        signing_in: SigningIn,
        issuer: Issuer,
        attempts: Attempts,
        accounts: AccountSessions,
    ) -> None:
        self._signing_in = signing_in
        self._issuer = issuer
        self._attempts = attempts
        self._accounts = accounts

    async def begin(self, request: Request, target: str) -> Response:
        """On to the issuer. Raises `Problem` where another site sent the browser here."""
        check_site(request)
        await without_key(request)
        attempt = self._attempts.begin(own_target(target))
        try:
            address = await self._issuer.sign_in_address(attempt, language_of(request))
        except IssuerUnavailable:
            return self._signing_in.ask(request, target, "account_away", status=503)
        answer = RedirectResponse(address, status_code=303)
        self._attempts.give(answer, request, attempt)
        return answer

    async def end(self, request: Request) -> Response:
        """Back from it, with what it says."""
        await without_key(request)
        attempt = self._attempts.of(request, request.query_params.get("state", ""))
        if attempt is not None:
            answer = await self._ended(request, attempt)
            Attempts.end(answer, attempt)
            return answer
        # the address again, as by the button "back": who is in stays in
        if session := await self._signing_in.sessions.of(request):
            return RedirectResponse(target_of(session.caller, ""), status_code=303)
        log.info("sign-in refused", extra={"reason": "no_attempt"})
        return self._signing_in.ask(request, "", "account_again", status=403)

    async def _ended(self, request: Request, attempt: Attempt) -> Response:
        query, ask = request.query_params, self._signing_in.ask
        # it may name itself (RFC 9207)
        if query.get("iss", self._issuer.name) != self._issuer.name:
            log.warning("sign-in refused", extra={"reason": "other_issuer"})
            return ask(request, attempt.target, "account_untrusted", status=403)
        code = query.get("code", "")
        if not code or "error" in query or len(code) > MAX_CODE_CHARACTERS:
            why = "denied" if query.get("error") == "access_denied" else "again"
            return ask(request, attempt.target, f"account_{why}", status=403)
        try:
            account = await self._issuer.by_code(code, attempt)
        except IssuerUnavailable:
            return ask(request, attempt.target, "account_away", status=503)
        except NotAdmitted as error:
            take_refused(request, code)
            return ask(request, attempt.target, f"account_{error.why}", status=403)
        return await self._let_in(request, account, attempt.target)

    async def _let_in(self, request: Request, account: Account, target: str) -> Response:
        if not has_a_page(account.caller.role):
            return self._signing_in.ask(request, target, "account_no_role", status=403)
        # drawn anew, whatever session the browser came with
        session = self._signing_in.sessions.begin_by_account(account.caller)
        await self._accounts.begin(session.id, account)
        log.info("signed in by account", extra={"key": account.caller.key_id})
        return self._signing_in.enter(request, session, target)


def add_accounts(router: APIRouter, by_account: AccountSignIn) -> None:
    @router.get("/masuk/akun")
    async def account_sign_in(request: Request, ke: str = "") -> Response:
        """To the issuer."""
        return await by_account.begin(request, ke)

    @router.get("/masuk/kembali")
    async def account_back(request: Request) -> Response:
        """Back from it."""
        return await by_account.end(request)
