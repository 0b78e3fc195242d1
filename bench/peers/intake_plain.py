"""Intake at its plainest: FastAPI, and one journaled insert for each post.

uvicorn bench.peers.intake_plain:web
"""

from functools import cache

from fastapi import FastAPI

from bench.peers.awaited import Steps
from bench.peers.post import Post

web = FastAPI()
steps = cache(Steps)


@web.post("/v1/consultations", status_code=202)
async def submit(post: Post) -> dict[str, str]:
    return {"id": (await steps().accept(post))["id"]}
