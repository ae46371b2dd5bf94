"""What the use cases of auth share."""

from dataclasses import dataclass

from autograph.auth.audit import Audit
from autograph.auth.factors.password import PasswordFactor
from autograph.auth.keys import SigningKeys
from autograph.auth.mail import Mail
from autograph.auth.settings import AuthSettings
from autograph.auth.throttle import Throttle
from autograph.auth.vault import Vault
from autograph.core.clock import Clock
from autograph.storage.sql import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each for a process.

    Attributes:
        database: Where accounts are kept; migrated already.
        public_url: Where people reach the installation, without a slash at the end: every link begins with it, and
            never with what a request says.
    """

    database: Database
    clock: Clock
    settings: AuthSettings
    keys: SigningKeys
    vault: Vault
    audit: Audit
    mail: Mail
    throttle: Throttle
    passwords: PasswordFactor
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
    ) -> "Parts":
        """Make what only auth needs; end it with `close`.

        Raises:
            ValueError: The mail server's address is none.
        """
        return cls(
            database=database,
            clock=clock,
            settings=settings,
            keys=keys,
            vault=vault,
            audit=Audit(vault, clock),
            mail=Mail(database=database, clock=clock, vault=vault, settings=settings),
            throttle=Throttle(database, clock, settings),
            passwords=PasswordFactor(settings),
            public_url=public_url.rstrip("/"),
        )

    def link(self, path: str, secret: str) -> str:
        """Return a link for a mail; the secret stands behind the #, where no server and no log sees it."""
        return f"{self.public_url}{path}#{secret}"

    async def close(self) -> None:
        """Stop sending mail and let the password threads go."""
        await self.mail.close()
        self.passwords.close()
