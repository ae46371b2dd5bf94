"""What the use cases of auth share."""

from dataclasses import dataclass
from pathlib import Path

from autograph.auth.audit import Audit
from autograph.auth.audit.checkpoints import Checkpoints
from autograph.auth.audit.keeper import Keeper
from autograph.auth.factors.password import PasswordFactor
from autograph.auth.keys import SigningKeys
from autograph.auth.mail import Mail
from autograph.auth.settings import AuthSettings
from autograph.auth.throttle import Throttle
from autograph.auth.vault import Vault
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.flags import FlagsNaming
from autograph.clients.transport import LaterTransport, Transport
from autograph.core.clock import Clock
from autograph.core.problem import Unavailable
from autograph.storage.sql import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each for a process.

    Attributes:
        database: Where accounts are kept; migrated already.
        checkpoints: Where the audit log is vouched for outside of the database; None for nowhere.
        keeper: Writes these in the background, and removes old records.
        documents: Asks diagrams, which may begin after auth: whether it can be reached shows at each call.
        flags: Asks flags, likewise.
        public_url: Where people reach the installation, without a slash at the end: every link begins with it, and
            never with what a request says.
    """

    database: Database
    clock: Clock
    settings: AuthSettings
    keys: SigningKeys
    vault: Vault
    audit: Audit
    checkpoints: Checkpoints | None
    keeper: Keeper | None
    mail: Mail
    throttle: Throttle
    passwords: PasswordFactor
    documents: DiagramsClient
    flags: FlagsNaming
    public_url: str

    @classmethod
    def made(
        cls,
        *,
        database: Database,
        clock: Clock,
        settings: AuthSettings,
        keys: SigningKeys,
        vault: Vault,
        public_url: str,
        documents: Transport | None = None,
        flags: Transport | None = None,
        checkpoints: Path | None = None,
    ) -> "Parts":
        """Make what only auth needs, `checkpoints` being a file or nothing; end it with `close`.

        Raises:
            ValueError: The mail server's address is none.
        """
        audit = Audit(vault, clock)
        signed = Checkpoints(checkpoints, vault) if checkpoints else None
        return cls(
            database=database,
            clock=clock,
            settings=settings,
            keys=keys,
            vault=vault,
            audit=audit,
            checkpoints=signed,
            keeper=Keeper(
                database=database,
                clock=clock,
                vault=vault,
                audit=audit,
                checkpoints=signed,
                settings=settings.audit,
            )
            if signed
            else None,
            mail=Mail(database=database, clock=clock, vault=vault, settings=settings),
            throttle=Throttle(database, clock, settings, audit),
            passwords=PasswordFactor(settings),
            documents=DiagramsClient(documents or LaterTransport(_nowhere)),
            flags=FlagsNaming(flags or LaterTransport(_nowhere)),
            public_url=public_url.rstrip("/"),
        )

    def link(self, path: str, secret: str) -> str:
        """Return a link for a mail; the secret stands behind the #, where no server and no log sees it."""
        return f"{self.public_url}{path}#{secret}"

    async def close(self) -> None:
        """Vouch for the audit log a last time, stop sending mail and let the password threads go."""
        if self.keeper is not None:
            await self.keeper.close()
        await self.mail.close()
        self.passwords.close()


def _nowhere() -> Transport:
    raise Unavailable("Nothing says where this is kept.")
