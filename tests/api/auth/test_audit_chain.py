"""The audit log's chain and its checkpoints: whatever is done to the database, verification names it."""

import asyncio
import json
import stat

import pytest
from sqlalchemy import delete, insert, select, update

from autograph.auth.audit import Audit, store
from autograph.auth.audit.checkpoints import Checkpoint, Checkpoints, Forged
from autograph.auth.audit.keeper import Keeper
from autograph.auth.audit.verify import Verifier
from autograph.auth.settings import AuditSettings
from autograph.auth.tables import audit_head, audit_records
from autograph.auth.vault import Vault

pytestmark = pytest.mark.feature("auth.audit")


class Log:
    """A log on an empty database, and whatever may be done to it."""

    def __init__(self, database, clock, vault, folder):
        self.database, self.clock, self.vault = database, clock, vault
        self.audit = Audit(vault, clock)
        self.checkpoints = Checkpoints(folder / "checkpoints.jsonl", vault)
        self.keeper = self.another_keeper()

    def another_keeper(self, **settings):
        return Keeper(
            database=self.database,
            clock=self.clock,
            vault=self.vault,
            audit=self.audit,
            checkpoints=self.checkpoints,
            settings=AuditSettings(**settings),
        )

    async def grow(self, count, **more):
        for index in range(count):
            async with self.database.begin() as connection:
                email = f"{index}@example.org"
                await self.audit.record(
                    connection, "thing.made", actor="ada", subject=("thing", "1"), email=email, **more
                )

    async def run(self, statement):
        async with self.database.begin() as connection:
            return await connection.execute(statement)

    async def rows(self):
        async with self.database.read() as connection:
            found = await connection.execute(select(audit_records).order_by(audit_records.c.number))
            return [dict(row._mapping) for row in found]

    async def verify(self, **how):
        verifier = Verifier(
            database=self.database, vault=self.vault, checkpoints=self.checkpoints, clock=self.clock
        )
        return await verifier.verify(**how)


@pytest.fixture
def log(database, clock, vault, tmp_path):
    return Log(database, clock, vault, tmp_path)


async def test_whole(log):
    """A log that nobody touched is whole, also while it is empty."""
    assert (await log.verify()).is_whole
    await log.grow(7, text="ünï\ud83d ☃", many=[1, {"2": None}], number=0.1)
    await log.keeper.write()
    await log.grow(3)
    found = await log.verify()
    assert found.is_whole
    assert (found.first, found.last, found.records, found.checkpoints) == (1, 10, 10, 1)


async def test_what_is_not_json_becomes_it(log):
    """Details are covered as they are read again, whatever they were made of."""
    await log.grow(1, pair=(1, 2), names={1: "one"})
    assert (await log.verify()).is_whole


CHANGES = {
    "event": "thing.kept",
    "outcome": "failure",
    "actor_id": "eve",
    "subject_kind": "user",
    "subject_id": "2",
    "correlation_id": "other",
    "details": {"all": "well"},
    "personal": {"email": "eve@example.org"},
    "personal_hash": b"\x01" * 32,
}


@pytest.mark.parametrize("column", [*CHANGES, "at"])
async def test_changed(log, column):
    """A record of which anything was changed is named, and no other."""
    await log.grow(6)
    value = CHANGES[column] if column != "at" else log.clock.now().replace(microsecond=1)
    await log.run(update(audit_records).where(audit_records.c.number == 4).values({column: value}))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (4, "changed")
    assert found.records == 3
    assert not found.is_whole


async def test_wrong_mac(log):
    """A MAC that was changed is told from a record that was."""
    await log.grow(6)
    await log.run(update(audit_records).where(audit_records.c.number == 4).values(mac=b"\x00" * 32))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (4, "wrong MAC")


@pytest.mark.parametrize("number", [1, 3])
async def test_missing(log, number):
    """A record that was taken out is named, also the first."""
    await log.grow(6)
    await log.run(delete(audit_records).where(audit_records.c.number == number))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (number, "missing")


async def test_renumbered(log):
    """Closing the gap by counting anew does not hide it."""
    await log.grow(6)
    await log.run(delete(audit_records).where(audit_records.c.number == 3))
    for number in (4, 5, 6):
        await log.run(update(audit_records).where(audit_records.c.number == number).values(number=number - 1))
    await log.run(update(audit_head).values(number=5))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (3, "out of order")


async def test_swapped(log):
    """Two records that changed places are found at the first of the two places."""
    await log.grow(6)
    for before, after in ((2, 99), (5, 2), (99, 5)):
        await log.run(update(audit_records).where(audit_records.c.number == before).values(number=after))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (2, "out of order")


async def test_invented(log):
    """A record that was added without the key, head and all, is named."""
    await log.grow(3)
    row = (await log.rows())[-1] | {"number": 4}
    await log.run(insert(audit_records).values(row))
    assert (await log.verify()).broken.number == 4
    await log.run(update(audit_head).values(number=4))
    assert (await log.verify()).broken.number == 4


async def test_cut_off(log):
    """Without its tail a log is found out by its head; with the head set back, by a checkpoint."""
    await log.grow(6)
    await log.keeper.write()
    rows = await log.rows()
    await log.run(delete(audit_records).where(audit_records.c.number > 4))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (5, "missing")
    await log.run(update(audit_head).values(number=4, mac=rows[3]["mac"]))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (5, "cut off")
    await log.run(delete(audit_head))
    await log.run(delete(audit_records))
    assert (await log.verify()).broken.number == 1


async def test_grown_again(log):
    """After a cut the log that goes on, rightly chained, is still not the one that was signed."""
    await log.grow(6)
    await log.keeper.write()
    rows = await log.rows()
    await log.run(delete(audit_records).where(audit_records.c.number > 4))
    await log.run(update(audit_head).values(number=4, mac=rows[3]["mac"]))
    log.clock.wind(minutes=1)
    await log.grow(6)
    await log.keeper.write()
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (6, "rewritten")


async def test_erased(log):
    """What concerns a person can be erased without breaking the chain; how often is counted."""
    await log.grow(5)
    await log.run(update(audit_records).where(audit_records.c.number.in_([2, 3])).values(personal=None))
    found = await log.verify()
    assert found.is_whole
    assert found.erased == 2


async def test_another_vault(log, clock):
    """Without its key nobody makes a log look right."""
    await log.grow(3)
    log.vault = Vault.generate()
    assert (await log.verify()).broken.number == 1


async def test_a_newer_key(log):
    """A vault that got a newer key verifies what the older one vouched for, checkpoints too."""
    old, new = bytes(range(32)), bytes(32)
    for vault in (Vault([old]), Vault([new, old])):
        log.vault, log.audit = vault, Audit(vault, log.clock)
        log.checkpoints = Checkpoints(log.checkpoints.path, vault)
        log.keeper = log.another_keeper()
        await log.grow(2)
        await log.keeper.write()
    found = await log.verify()
    assert found.is_whole
    assert found.checkpoints == 2


async def test_long(log, monkeypatch):
    """A log of many batches is walked whole, within the time that it is given."""
    monkeypatch.setattr("autograph.auth.audit.verify.BATCH", 4)
    await log.grow(11)
    seen = []
    assert (await log.verify(progress=lambda done, of: seen.append((done, of)))).records == 11
    assert seen == [(4, 11), (8, 11), (11, 11)]
    found = await log.verify(seconds=-1)
    assert (found.is_finished, found.is_whole, found.records) == (False, False, 4)


async def test_a_checkpoint_is_signed(log):
    """A line that was changed is found; one whose writing was cut off is passed over, and the next is whole."""
    await log.grow(2)
    await log.keeper.write()
    with log.checkpoints.path.open("a") as file:
        file.write('{"at": "2026-')
    await log.grow(2)
    await log.keeper.write()
    found = await log.verify()
    assert (found.is_whole, found.unreadable, found.checkpoints) == (True, 1, 2)
    text = log.checkpoints.path.read_text()
    log.checkpoints.path.write_text(text.replace('"number": 4', '"number": 3'))
    found = await log.verify()
    assert (found.broken.number, found.broken.fault) == (3, "not signed here")


async def test_the_signature_needs_no_secret(log):
    """An auditor who has the public key can check a line with nothing else."""
    from base64 import b64decode

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    await log.grow(1)
    await log.keeper.write()
    line = json.loads(log.checkpoints.path.read_text())
    key = Ed25519PublicKey.from_public_bytes(b64decode(log.checkpoints.public_key))
    signature = b64decode(line.pop("signature"))
    key.verify(signature, json.dumps(line, sort_keys=True, separators=(",", ":")).encode())
    with pytest.raises(Forged):
        Checkpoints(log.checkpoints.path, Vault.generate()).read_line(log.checkpoints.path.read_bytes())


async def test_a_checkpoint_is_written_for_news_only(log):
    """An unchanged log is vouched for once; its file is ours alone."""
    assert await log.keeper.write() is None
    await log.grow(1)
    assert (await log.keeper.write()).number == 1
    log.clock.wind(hours=1)
    assert await log.keeper.write() is None
    assert log.checkpoints.path.read_text().count("\n") == 1
    assert stat.S_IMODE(log.checkpoints.path.stat().st_mode) == 0o600


async def test_one_process_at_a_time(log):
    """While one process writes checkpoints, another leaves it alone."""
    await log.grow(1)
    with log.checkpoints.held():
        assert await log.another_keeper().write() is None
        assert await log.another_keeper().remove_old() == 0
    assert (await log.another_keeper().write()).number == 1


async def test_in_the_background(log):
    """A checkpoint is written after so many records, and one more when the process ends."""
    keeper = log.another_keeper(checkpoint_records=3)
    keeper.start()
    await asyncio.sleep(0)
    await log.grow(3)
    async with asyncio.timeout(5):
        while not log.checkpoints.path.read_text():
            await asyncio.sleep(0.01)
    await log.grow(1)
    await keeper.close()
    numbers = [one.number for one in log.checkpoints if isinstance(one, Checkpoint)]
    assert numbers == [3, 4]


async def test_old_records_go(log, monkeypatch):
    """What is too old is removed after a checkpoint that says so, and the rest still verifies."""
    monkeypatch.setattr("autograph.auth.audit.keeper.REMOVED_AT_ONCE", 3)
    keeper = log.another_keeper(kept_days=30)
    await log.grow(10)
    log.clock.wind(days=20)
    await log.grow(5)
    assert await keeper.remove_old() == 0
    log.clock.wind(days=12)
    assert await keeper.remove_old() == 10
    rows = await log.rows()
    assert [row["number"] for row in rows] == [11, 12, 13, 14, 15, 16]
    assert (rows[-1]["event"], rows[-1]["details"]["through"]) == (store.REMOVED, 10)
    signed = log.checkpoints.last()
    assert (signed.number, signed.base) == (15, 10)
    await log.grow(2)
    await keeper.write()
    found = await log.verify()
    assert (found.is_whole, found.first, found.records) == (True, 11, 8)
    log.checkpoints.path.unlink()
    assert (await log.verify()).is_whole
    await log.run(delete(audit_records).where(audit_records.c.number == 11))
    assert (await log.verify()).broken.number == 11


async def test_everything_is_old(log):
    """The newest record stays, so that the chain goes on."""
    keeper = log.another_keeper(kept_days=1)
    await log.grow(4)
    log.clock.wind(days=100)
    assert await keeper.remove_old() == 3
    assert (await log.verify()).is_whole


async def test_a_stop_between_checkpoint_and_removal(log, monkeypatch):
    """A process that dies before it removes anything leaves a log that verifies, and the next one goes on."""
    keeper = log.another_keeper(kept_days=30)
    await log.grow(6)
    log.clock.wind(days=40)
    await log.grow(2)

    async def die(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(store, "remove", die)
        with pytest.raises(RuntimeError):
            await keeper.remove_old()
    found = await log.verify()
    assert (found.is_whole, found.first) == (True, 7)
    assert await keeper.remove_old() == 6
    assert (await log.verify()).is_whole


async def test_setting_dates_back_removes_nothing(log):
    """Whoever makes records look old in the database does not make us sign that they are."""
    keeper = log.another_keeper(kept_days=30)
    await log.grow(6)
    old = log.clock.now().replace(year=2020)
    await log.run(update(audit_records).where(audit_records.c.number < 5).values(at=old))
    assert await keeper.remove_old() == 0
    assert len(await log.rows()) == 6
    assert (await log.verify()).broken.number == 1


async def test_removal_meanwhile(log, monkeypatch):
    """Records that go because of their age while they are verified are not missing."""
    monkeypatch.setattr("autograph.auth.audit.verify.BATCH", 2)
    keeper = log.another_keeper(kept_days=30)
    await log.grow(8)
    log.clock.wind(days=40)
    await log.grow(4)
    verifier = Verifier(database=log.database, vault=log.vault, checkpoints=log.checkpoints, clock=log.clock)
    plain, removed = verifier._after, []

    async def after(number, head):
        if number == 4 and not removed:
            removed.append(await keeper.remove_old())
        return await plain(number, head)

    monkeypatch.setattr(verifier, "_after", after)
    assert (await verifier.verify()).is_whole
    assert removed == [8]


async def test_half_a_transaction(log):
    """A change that is taken back takes its record back."""
    await log.grow(1)
    with pytest.raises(RuntimeError):
        async with log.database.begin() as connection:
            await log.audit.record(connection, "thing.made")
            raise RuntimeError
    await log.grow(1)
    assert (await log.verify()).records == 2
