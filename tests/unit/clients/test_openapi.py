"""What our services say of themselves."""

import pytest
from fastapi import FastAPI

from autograph.clients.openapi import describe

pytestmark = pytest.mark.feature("gateway.validation")


def test_a_call_that_is_not_valid_is_answered_in_our_words():
    """Where a route forgets to say so the framework's own words are replaced: it never speaks itself."""
    app = FastAPI()

    @app.get("/things/{number}")
    def thing(number: int) -> int:
        return number

    describe(app)
    document = app.openapi()

    [told] = [call["responses"]["422"] for call in document["paths"]["/things/{number}"].values()]
    assert list(told["content"]) == ["application/problem+json"]
    assert told["description"].startswith("`invalid`")
    assert "ValidationError" not in str(document)
