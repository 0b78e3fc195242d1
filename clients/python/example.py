"""A front-end's first steps: offer topics, post, follow, take back. Told by the environment.

KLIK_URL=http://127.0.0.1:8080 KLIK_KEY=klik_frontend_… KLIK_DESA=64.02.06.2012 python example.py
"""

import os
import uuid

from klik_desa.intake import AuthenticatedClient, Client
from klik_desa.intake.api.follow import track
from klik_desa.intake.api.moves import withdraw_consultation
from klik_desa.intake.api.submit import read_reference, submit_consultation
from klik_desa.intake.models import Problem, Submission

URL, KEY, DESA = (os.environ[name] for name in ("KLIK_URL", "KLIK_KEY", "KLIK_DESA"))


def answered(answer):
    """What was asked for. An API answers with a problem where it has something else to say."""
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(f"refused: {answer and answer.title}")
    return answer


with AuthenticatedClient(base_url=URL, token=KEY) as front_end:
    topics = read_reference.sync_detailed("topics", client=front_end)
    print("topics:", topics.status_code.value)
    receipt = answered(
        submit_consultation.sync(
            client=front_end,
            # the same key again, after a break of the network, is the same consultation
            idempotency_key=str(uuid.uuid4()),
            body=Submission.from_dict(
                {
                    "title": "Perubahan APBDes",
                    "body": "Apakah perlu Perdes perubahan?",
                    "topic": "KEU-APBDES",
                    "desa_code": DESA,
                    "requester": {"role": "kepala_desa"},
                }
            ),
        )
    )
    print("ticket:", receipt.ticket)

with Client(base_url=URL) as anybody:
    shown = answered(track.sync(receipt.ticket, client=anybody, x_pin=receipt.pin))
    print("status:", shown.status.value)

with AuthenticatedClient(base_url=URL, token=receipt.token) as requester:
    answered(withdraw_consultation.sync(receipt.id, client=requester))
    shown = answered(track.sync(receipt.ticket, client=requester, x_pin=receipt.pin))
    print("status:", shown.status.value)
