"""What a person does in the page, as functions: come in, make a document, wait until it is kept."""

import io
import re
import zipfile
from pathlib import Path

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
