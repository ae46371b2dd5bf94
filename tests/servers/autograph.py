"""AutoGraph itself as a process of the test run."""

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from autograph.clients.internal import SIGNATURE_HEADER, Asked, Signatures
from autograph.core.clock import SystemClock
from autograph.server.services import FILE_NAME as SECRETS_FILE
from autograph.server.services import kept_secrets
from tests.servers.process import Server, free_port


def without_settings() -> dict[str, str]:
    """This environment without anything that the product would take for a setting, the bench's names too.

    Bytecode is kept, as on anybody's machine: of many servers only the first compiles the product.
    """
    left_out = ("AUTOGRAPH_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(left_out)}


def compiled(folder: Path) -> dict[str, str]:
    """`without_settings`, with bytecode kept in `folder`: after a first run, what an installed program has."""
    return {**without_settings(), "PYTHONPYCACHEPREFIX": str(folder)}


class Running:
    """A process that answers; `stop` ends it.

    Args:
        folder: Its data and its log.
        settings: Environment beyond the folder and the port, without the prefix.
        inherited: The environment below that; our own without settings when left out.
        inside: Words in front of the command, which start it somewhere else.
    """

    def __init__(
        self,
        folder: Path,
        *,
        command: tuple[str, ...] = ("up",),
        inherited: dict[str, str] | None = None,
        inside: tuple[str, ...] = (),
        **settings: str,
    ) -> None:
        self.port = int(settings.get("PORT") or free_port())
        self.log = folder / f"autograph-{self.port}.log"
        self.is_https = "TLS__CERTIFICATE" in settings
        given = {
            "DATA": str(folder / "data"),
            "PORT": str(self.port),
            "AUTH__ARGON2_MEMORY_KIB": "8192",
            "AUTH__ARGON2_PASSES": "1",
            "AUTH__VERIFICATION": "off",
            "AUTH__TRIES_PER_ADDRESS": "100000",  # one machine is everybody
            "AUTH__MOST_SESSIONS": "100",
            "OBSERVABILITY__REPORT_SECONDS": "1",  # tests wait for what is reported
            "GATEWAY__RATE_LIMIT__USER_PER_MINUTE": "0",  # one person asks for all
            "GATEWAY__RATE_LIMIT__ADDRESS_PER_MINUTE": "0",
            **settings,
        }
        self._data = Path(given["DATA"])
        self._is_quiet = given.get("ENV") == "production"
        self._program = [*inside, sys.executable, "-m", "autograph"]
        self._env = {
            **(inherited or without_settings()),
            **{f"AUTOGRAPH_{name}": value for name, value in given.items()},
        }
        self._server = Server([*self._program, *command], ready=self._answers, log=self.log, env=self._env)
        self.process = self._server.process

    def connect(self, *, timeout_seconds: float = 10.0) -> http.client.HTTPConnection:
        """Return a new connection; over TLS nobody checks the certificate's name."""
        if not self.is_https:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_seconds)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout_seconds, context=context)

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["content-type"] = "application/json"
        with closing(self.connect()) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def ask_inside(
        self, service: str, method: str, path: str, body: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request as another service of the same installation does, in development and apart."""
        secrets = [secret.get_secret_value() for secret in kept_secrets(self._data / SECRETS_FILE)]
        signatures, content = Signatures(secrets, SystemClock()), json.dumps(body).encode()
        signature = signatures.sign(Asked(service, method, path), content)
        return self.ask(method, path, body, **{SIGNATURE_HEADER: signature})

    def first_run_code(self) -> str:
        """Return the code of the one-time link, which a start prints, and in production those who ask are given."""
        until = time.monotonic() + 20
        while not (found := re.search(r"/first-run#([A-Z0-9-]+)", self._printed())):
            assert time.monotonic() < until, "no one-time link was printed"
            time.sleep(0.02)
        return found[1]

    def _printed(self) -> str:
        if not self._is_quiet:
            return self.log.read_text()
        asked = [*self._program, "admin", "first-run"]
        return subprocess.run(asked, env=self._env, capture_output=True, check=True, text=True).stdout

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/livez")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Send the process a signal."""
        self.process.send_signal(number)

    def stop(self) -> None:
        """End it, by force if need be."""
        self._server.stop()
