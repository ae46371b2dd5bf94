"""What operations are done to: things that there are, made through the public API, whose owner is known."""

import time
import uuid

from tests.access.sent import SOON, SVG, archive
from tests.authenticator import Authenticator

WORD = "quetzalcoatlus"
"""Stands in everything that the owner draws, and in nothing else: whoever reads it reads the owner's."""

LASTS = {
    "POST /api/analysis/jobs/{job_id}/document",
    "POST /api/auth/admin/mails/{mail_id}/resend",
    "POST /api/ops/alerts/{alert_id}/acknowledge",
    "PUT /api/ops/errors/{fingerprint}",
}
"""Changes that leave the thing where it is: the next one who asks finds it as if nothing had been done."""


class Things:
    """Finds or makes what an operation is done to.

    It belongs to the owner; passkeys to the keeper, as whoever has one signs in in another way. What only
    administrators handle belongs to somebody, or to the installation.
    """

    def __init__(self, house):
        self._house, self._shared = house, {}

    def of(self, operation, *, anew):
        """The ids that an operation's path and body need: of a thing of its own, or of the one that is left alone."""
        maker = maker_of(operation)
        if maker is None:
            return {}
        if anew and operation not in LASTS:
            return maker(self)
        if maker not in self._shared:
            self._shared[maker] = maker(self)
        return self._shared[maker]

    def document(self):
        """With a picture, in its first version."""
        body = {"title": WORD, "code": f"graph TD; {WORD}-->b"}
        made = self._as("owner", "POST", "/api/diagrams", body)["id"]
        path = f"/api/diagrams/{made}/picture?version=1"
        assert self._house.send("owner", "PUT", path, SVG, {"content-type": "image/svg+xml"})[0] == 204
        return {"document_id": made, "number": 1}

    def thrown_away(self):
        """A document in the bin."""
        made = self.document()
        assert self._house.send("owner", "DELETE", f"/api/diagrams/{made['document_id']}")[0] == 204
        return made

    def job(self):
        """An analysis that has ended."""
        packed = archive(WORD)
        status, _, answer = self._house.send(
            "owner", "POST", "/api/analysis/jobs/upload?filename=x.zip", packed
        )
        assert status == 202, answer
        made = self._house.read(answer)["id"]
        path = f"/api/analysis/jobs/{made}"
        self._until(lambda: self._as("owner", "GET", path)["state"] == "done")
        return {"job_id": made}

    def session(self):
        """One more session than the one that asks."""
        self._house.tokens["owner elsewhere"] = self._house.signed_in("owner")
        listed = self._as("owner elsewhere", "GET", "/api/auth/sessions")["items"]
        return {"session_id": next(one["id"] for one in listed if one["is_current"])}

    def passkey(self, who="keeper"):
        """Made by an authenticator in software."""
        path = "/api/auth/passkeys"
        options = self._as(who, "POST", f"{path}/options", {})["public_key"]
        credential = Authenticator(self._house.url).create(options)
        return {"passkey_id": self._as(who, "POST", path, {"credential": credential, "name": "phone"})["id"]}

    def person(self):
        """Somebody who has a second factor."""
        name = uuid.uuid4().hex
        user_id = self._house.registered(name)
        self._house.tokens["somebody"] = self._house.signed_in(name)
        self.passkey("somebody")
        return {"user_id": user_id}

    def key(self, who="owner"):
        """An API key."""
        body = {"name": "build server", "scopes": ["read"]}
        return {"key_id": self._as(who, "POST", "/api/auth/api-keys", body)["id"]}

    def key_of_somebody(self):
        """A key, and whose it is."""
        return self.person() | self.key("somebody")

    def team(self):
        """A team with two members; a third person is none yet."""
        team_id = self._as("owner", "POST", "/api/auth/teams", {"name": uuid.uuid4().hex})["id"]
        member_id = self._house.registered(uuid.uuid4().hex)
        for user_id in (member_id, self._house.ids["teammate"]):
            self._as("owner", "POST", f"/api/auth/teams/{team_id}/members", {"user_id": user_id})
        return {"team_id": team_id, "user_id": member_id}

    def team_and_somebody(self):
        """A team, and somebody who is to come into it."""
        return self.team() | {"user_id": self._house.registered(uuid.uuid4().hex)}

    def invitation(self):
        """To a team, by mail."""
        body = {"emails": [f"{uuid.uuid4().hex}@example.org"], "team_id": self.team()["team_id"]}
        made = self._as("owner", "POST", "/api/auth/invitations", body)["items"][0]
        return {"invitation_id": made["invitation_id"], "email": made["email"]}

    def mail(self):
        """With an invitation; the mail server is away, so it waits."""
        return {"mail_id": self.mail_to(self.invitation()["email"], "invitation")}

    def mail_to(self, email, kind):
        """The id of a mail; some are written after the answer to whoever asked for them."""

        def look():
            mails = self._as("admin", "GET", "/api/auth/admin/mails")["items"]
            return [one["id"] for one in mails if (one["recipient"], one["kind"]) == (email, kind)]

        return self._until(look)[0]

    def role(self):
        """One of the installation's own, which nobody has."""
        body = {"name": f"r{uuid.uuid4().hex}", "permissions": ["documents:read"]}
        return {"name": self._as("admin", "POST", "/api/auth/roles", body)["name"]}

    def flag(self):
        """One that has been changed once."""
        key = uuid.uuid4().hex
        self._as("admin", "PUT", f"/api/admin/feature-flags/{key}", {"expected_version": 0})
        return {"key": key}

    def silence(self):
        """Of a rule that there is not: it keeps nothing quiet."""
        body = {"matchers": {"rule": "none"}, "until": SOON}
        return {"silence_id": self._as("admin", "POST", "/api/ops/silences", body)["id"]}

    def alert(self):
        """What an Alertmanager told when the house was built, once it was judged."""
        found = self._until(lambda: self._as("admin", "GET", "/api/ops/alerts")["items"])
        return {"alert_id": next(one["id"] for one in found if one["rule"] == "outside")}

    def error(self):
        """The failure that was asked for when the house was built, once the watch has heard of it."""
        found = self._until(lambda: self._as("admin", "GET", "/api/ops/errors")["items"])
        return {"fingerprint": found[0]["fingerprint"]}

    def service(self):
        """One that runs; those are the installation's parts."""
        return {"name": "gateway"}

    def _as(self, who, method, path, body=None):
        return self._house.as_(who, method, path, body)

    @staticmethod
    def _until(look):
        until = time.monotonic() + 60
        while not (found := look()):
            assert time.monotonic() < until
            time.sleep(0.1)
        return found


MAKERS = {
    "/api/diagrams/{document_id}": Things.document,
    "/api/diagrams/{document_id}/restore": Things.thrown_away,
    "/api/export/{document_id}": Things.document,
    "/api/analysis/jobs/{job_id}": Things.job,
    "/api/auth/sessions/{session_id}": Things.session,
    "/api/auth/passkeys/{passkey_id}": Things.passkey,
    "/api/auth/api-keys/{key_id}": Things.key,
    "/api/auth/admin/users/roles": Things.person,
    "/api/auth/admin/users/{user_id}": Things.person,
    "/api/auth/admin/users/{user_id}/api-keys": Things.key_of_somebody,
    "/api/auth/teams/{team_id}": Things.team,
    "POST /api/auth/teams/{team_id}/members": Things.team_and_somebody,
    "GET /api/auth/invitations": Things.team,
    "POST /api/auth/invitations": Things.team,
    "/api/auth/invitations/{invitation_id}": Things.invitation,
    "/api/auth/roles/{name}": Things.role,
    "/api/auth/admin/mails/{mail_id}": Things.mail,
    "/api/admin/feature-flags/{key}": Things.flag,
    "/api/ops/alerts/{alert_id}": Things.alert,
    "/api/ops/errors/{fingerprint}": Things.error,
    "/api/ops/silences/{silence_id}": Things.silence,
    "/api/ops/services/{name}": Things.service,
}
"""Who makes what stands under a path, or what one method needs; the longest beginning counts."""


def maker_of(operation):
    """Who makes what an operation is done to; None when it is done to nothing that has an id."""
    path = operation.partition(" ")[2]
    found = [start for start in MAKERS if path.startswith(start) or operation.startswith(start)]
    return MAKERS[max(found, key=len)] if found else None
