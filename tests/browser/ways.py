"""What a person does in the page, as functions: come in, make a document, wait until it is kept."""

import io
import json
import re
import time
import zipfile
from pathlib import Path

import pyotp
from tests.servers.autograph import Running
from tests.servers.process import free_port

REPOSITORIES = Path(__file__).parents[1] / "fixtures" / "repos"
EMAIL, NAME, PASSWORD = "ada@example.com", "Ada Lovelace", "correct horse battery staple"


def archive(name: str) -> bytes:
    """One of the fixture repositories as a zip."""
    packed, folder = io.BytesIO(), REPOSITORIES / name
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                target.write(path, f"{name}/{path.relative_to(folder)}")
    return packed.getvalue()


def become_administrator(page) -> None:
    """Fill in the form that the one-time link leads to, and land in the library."""
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="All documents").wait_for()


def sign_in(page) -> None:
    """Open the page and sign in."""
    page.goto("/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="All documents").wait_for()


def sign_out(page) -> None:
    """By the menu under one's name."""
    page.get_by_role("button", name=NAME).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_label("Email").wait_for()


def draw_repository(page, name: str) -> None:
    """New, from a repository, as an archive; wait for the picture."""
    page.keyboard.press("n")
    dialog = page.locator("dialog[open]")
    dialog.get_by_text("From a repository").click()
    files = [{"name": f"{name}.zip", "mimeType": "application/zip", "buffer": archive(name)}]
    dialog.locator("input[type=file]").first.set_input_files(files)
    dialog.get_by_text(re.compile(r"Found in \d")).wait_for()
    dialog.get_by_role("button", name="Create diagram").click()
    page.wait_for_url(re.compile(r"/d/"))
    page.locator("svg [data-node]").first.wait_for()


def fresh_document(page, title: str, **parts: object) -> str:
    """Make a document by the page's own session; return its id."""
    made = page.evaluate(
        """async (body) => {
          const sent = {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)};
          return (await fetch("/api/diagrams", sent)).json();
        }""",
        {"title": title, **parts},
    )
    return str(made["id"])


def kept(page, document_id: str) -> dict:
    """What the server keeps of a document."""
    return page.evaluate("async (id) => (await fetch(`/api/diagrams/${id}`)).json()", document_id)


def until_saved(page) -> None:
    """Wait until the page says that everything is kept."""
    page.get_by_text(re.compile(r"^Saved")).first.wait_for()


def house(folder, **settings: str) -> Running:
    """Start an installation of one's own, at a name for which browsers make passkeys; Ada is its administrator."""
    port = str(free_port())
    running = Running(folder, PORT=port, PUBLIC_URL=f"http://localhost:{port}", **settings)
    body = {"code": running.first_run_code(), "email": EMAIL, "name": NAME, "password": PASSWORD}
    assert running.ask("POST", "/api/auth/first-run", body)[0] == 201
    return running


def address(running: Running) -> str:
    """Where browsers find an installation of one's own."""
    return f"http://localhost:{running.port}"


def token_of(running: Running, email: str = EMAIL, password: str = PASSWORD) -> dict[str, str]:
    """The header that proves who one is to the API."""
    answer = running.ask("POST", "/api/auth/login", {"email": email, "password": password})
    return {"authorization": f"Bearer {json.loads(answer[2])['access_token']}"}


def register(running: Running, email: str, name: str, password: str = PASSWORD) -> None:
    """Make an account where everybody may."""
    body = {"email": email, "name": name, "password": password}
    assert running.ask("POST", "/api/auth/register", body)[0] == 201


def give_password(page, email: str, password: str = PASSWORD) -> None:
    """Fill in the first half of a sign-in and send it."""
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def in_the_library(page) -> None:
    """Wait until one is signed in."""
    page.get_by_role("heading", name="All documents").wait_for()


def come_in(page, running: Running, email: str, name: str) -> None:
    """Make an account where everybody may, and sign in."""
    register(running, email, name)
    give_password(page, email)
    in_the_library(page)


def leave(page) -> None:
    """End this session; the next page is the sign-in."""
    assert page.evaluate("async () => (await fetch('/api/auth/logout', {method: 'POST'})).status") == 204
    page.goto("/sign-in")
    page.get_by_label("Email").wait_for()


def app_code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows, some half minutes from now."""
    return pyotp.TOTP(secret.replace(" ", "")).at(int(time.time()) + 30 * steps)


def authenticator(page, *, is_synced: bool = False):
    """Give the browser an authenticator that finds its owner present and says yes; return how it is spoken to."""
    speak = page.context.new_cdp_session(page)
    speak.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        "defaultBackupEligibility": is_synced,
        "defaultBackupState": is_synced,
    }
    speak.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return speak
