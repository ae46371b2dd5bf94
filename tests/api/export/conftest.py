"""The export service with real drawing processes, asked by signed-in people; documents come from a shelf."""

import pytest
from tests import identity
from tests.caller import Caller
from tests.clock import HandClock
from tests.unit.export.models import shop

from autograph.auth.keys import SigningKeys
from autograph.clients.diagrams import Document, DocumentHead
from autograph.core.problem import NotFound
from autograph.export.app import create_app
from autograph.export.settings import ExportSettings
from autograph.storage.cache import open_cache


class Shelf:
    """Documents as the diagrams service would hand them out."""

    def __init__(self, clock):
        self._clock = clock
        self._documents = {}
        self.pictures = {}
        self.reads = 0

    def put(self, document_id, **parts):
        """Keep a document; what is not given is empty."""
        now = self._clock.now()
        contents = {"canvas": None, "code": "", "note": "", "model": None, **parts}
        self._documents[document_id] = Document(
            id=document_id, title=contents.pop("title", "Shop"), file_type="mixed", version=contents.pop("version", 1),
            owner_id="ada", created_at=now, updated_at=now, size_bytes=1, has_model=contents["model"] is not None,
            has_canvas=contents["canvas"] is not None, has_code=bool(contents["code"]), has_note=bool(contents["note"]),
            picture_version=contents.pop("picture_version", None), **contents,
        )  # fmt: skip

    async def read(self, document_id, *, identity):
        assert identity
        self.reads += 1
        if document_id not in self._documents:
            raise NotFound
        return self._documents[document_id]

    async def head(self, document_id, *, identity):
        document = await self.read(document_id, identity=identity)
        self.reads -= 1
        return DocumentHead(**document.model_dump(include=set(DocumentHead.model_fields)))

    async def picture(self, document_id, *, identity):
        assert identity
        return self.pictures[document_id]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def shelf(clock):
    shelf = Shelf(clock)
    shelf.put("shop", model=shop().model_dump(mode="json"))
    shelf.put("code", code="flowchart LR\n  a --> b\n")
    shelf.put("note", title="Notes", note="# What we decided\n\nMore than one thing.")
    shelf.put("empty", title="Empty")
    return shelf


@pytest.fixture
async def make_export(shelf, clock):
    """Builds the service with settings of the test's choice; its processes end with the test."""
    made, caches, keys = [], [], SigningKeys.generate()

    def make(cache_url="memory://", **settings):
        cache = open_cache(cache_url)
        caches.append(cache)
        app = create_app(
            settings=ExportSettings(**settings),
            verifier=identity.verifier(keys, clock),
            documents=shelf,
            cache=cache,
        )
        made.append(app)
        return Caller(app, {identity.HEADER: identity.assertion(keys, clock)})

    yield make
    for app in made:
        await app.state.drawings.close()
    for cache in caches:
        await cache.close()


@pytest.fixture
def ada(make_export):
    return make_export()
