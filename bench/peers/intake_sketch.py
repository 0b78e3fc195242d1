"""How little intake may cost: ASGI without a framework, and one journaled insert for many posts.

uvicorn bench.peers.intake_sketch:web
"""

from functools import cache

from pymongo import AsyncMongoClient, WriteConcern

from bench.peers.group import Group
from bench.peers.post import DATABASE, MONGO, Document, Post
from bench.peers.sketch import accepting


@cache
def keep() -> Group[Document]:
    client: AsyncMongoClient[Document] = AsyncMongoClient(MONGO)
    db = client.get_database(DATABASE, write_concern=WriteConcern(w=1, j=True))
    return Group(lambda documents: db.consultations.insert_many(documents, ordered=False))


async def accept(body: bytes) -> str:
    post = Post.model_validate_json(body)
    event = post.event()
    await keep()(post.document(event))
    return event["id"]


web = accepting(accept)
