import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ReactElement } from "react";
import { describe, expect, it, vi } from "vitest";
import { Button, Dialog, Field, Menu, PageTitleAloud, Panel, PasswordField, say, sayFailure, Toasts, usePageTitle, useShortcuts } from ".";

describe("a button", () => {
  it("does nothing while it is busy or off, and says why it is off", async () => {
    const pressed = vi.fn();
    const { rerender } = render(<Button busy onClick={pressed}>Save</Button>);
    await userEvent.click(screen.getByRole("button"));
    rerender(<Button offBecause="Read a repository first" onClick={pressed}>Save</Button>);
    await userEvent.click(screen.getByRole("button"));
    expect(pressed).not.toHaveBeenCalled();
    expect(screen.getByRole("button").title).toBe("Read a repository first");
    rerender(<Button onClick={pressed}>Save</Button>);
    await userEvent.click(screen.getByRole("button"));
    expect(pressed).toHaveBeenCalledTimes(1);
  });
});

describe("a button that is off", () => {
  it("shows why when it is pressed or reached by keys, until it is left", async () => {
    const { rerender } = render(<Button offBecause="Read a repository first">Save</Button>);
    const shown = () => screen.queryByText("Read a repository first");
    expect(shown()).toBeNull();
    await userEvent.tab();
    expect(shown()).not.toBeNull();
    await userEvent.tab();
    expect(shown()).toBeNull();
    await userEvent.click(screen.getByRole("button"));
    expect(shown()).not.toBeNull();
    rerender(<Button>Save</Button>);
    expect(shown()).toBeNull();
  });
});

describe("a field", () => {
  it("ties its label and its fault to the input", () => {
    render(<Field label="Title" value="" fault="Enter a title" onText={() => undefined} />);
    const input = screen.getByLabelText("Title");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent).toBe("Enter a title");
  });

  it("shows a password on request", async () => {
    render(<PasswordField label="Password" value="secret" onText={() => undefined} />);
    expect(screen.getByLabelText("Password").getAttribute("type")).toBe("password");
    await userEvent.click(screen.getByRole("button", { name: "Show the password" }));
    expect(screen.getByLabelText("Password").getAttribute("type")).toBe("text");
  });
});

describe("a menu", () => {
  const open = async (picked: () => void) => {
    render(
      <Menu label="More" items={[{ label: "Rename", onPick: picked }, { label: "Move to trash", danger: true, onPick: picked }]}>
        {(trigger) => <button {...trigger}>More</button>}
      </Menu>,
    );
    await userEvent.click(screen.getByRole("button", { name: "More" }));
  };

  it("is walked by arrows and picks by Enter", async () => {
    const picked = vi.fn();
    await open(picked);
    expect(document.activeElement?.textContent).toBe("Rename");
    await userEvent.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Move to trash");
    await userEvent.keyboard("{Enter}");
    expect(picked).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole("menu")).toBeNull();
  });

  it("closes by Esc and gives the focus back", async () => {
    await open(vi.fn());
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(document.activeElement?.textContent).toBe("More");
  });
});

describe("a dialog", () => {
  function Page(): ReactElement {
    const [open, setOpen] = useState(false);
    return (
      <>
        <button onClick={() => setOpen(true)}>Open</button>
        {open && (
          <Dialog title="Rename" onClose={() => setOpen(false)}>
            <input aria-label="Title" />
          </Dialog>
        )}
      </>
    );
  }

  it("gives the focus to its field, and back to where it came from", async () => {
    render(<Page />);
    await userEvent.click(screen.getByText("Open"));
    expect(document.activeElement).toBe(screen.getByLabelText("Title"));
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(document.activeElement).toBe(screen.getByText("Open"));
  });
});

describe("toasts", () => {
  it("offer a way back once, and failures stay until they are closed", async () => {
    const undo = vi.fn();
    render(<Toasts />);
    act(() => {
      say("Moved “Shop” to the trash", { label: "Undo", run: undo });
      sayFailure("It did not work");
    });
    await userEvent.click(screen.getByText("Undo"));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(screen.queryByText("Moved “Shop” to the trash")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Close the message", hidden: true }));
    expect(screen.queryByText("It did not work")).toBeNull();
  });

  it("are at most three and go after six seconds", () => {
    vi.useFakeTimers();
    render(<Toasts />);
    act(() => ["a", "b", "c", "d"].forEach((text) => say(text)));
    expect(screen.queryByText("a")).toBeNull();
    expect(screen.getByText("d")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(6_000));
    expect(screen.queryByText("d")).toBeNull();
    vi.useRealTimers();
  });
});

describe("shortcuts", () => {
  function Keys({ pressed }: { pressed: (name: string) => void }): ReactElement {
    useShortcuts({ n: () => pressed("n"), "g l": () => pressed("g l"), "Ctrl+k": () => pressed("Ctrl+k") });
    return <input aria-label="Search" />;
  }

  it("run single keys, chords and sequences, and rest while someone types", () => {
    const pressed = vi.fn();
    render(<Keys pressed={pressed} />);
    fireEvent.keyDown(document.body, { key: "n" });
    fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
    fireEvent.keyDown(document.body, { key: "g" });
    fireEvent.keyDown(document.body, { key: "l" });
    fireEvent.keyDown(document.body, { key: "n", ctrlKey: true });
    fireEvent.keyDown(screen.getByLabelText("Search"), { key: "n" });
    expect(pressed.mock.calls.flat()).toEqual(["n", "Ctrl+k", "g l"]);
  });
});

describe("focus that would be lost", () => {
  function Keys(): ReactElement {
    const [rows, setRows] = useState(["first", "second"]);
    return (
      <Panel title="API keys">
        {rows.map((row) => (
          <button key={row} onClick={() => setRows(rows.filter((one) => one !== row))}>{`Revoke ${row}`}</button>
        ))}
      </Panel>
    );
  }

  it("goes to the heading of its panel when its row goes", async () => {
    render(<Keys />);
    await userEvent.click(screen.getByRole("button", { name: "Revoke first" }));
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "API keys" }));
    await userEvent.tab();
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Revoke second" }));
  });

  function Opening(): ReactElement {
    const [stage, setStage] = useState<"row" | "dialog" | "gone">("row");
    return (
      <main id="content">
        <h1>Passkeys</h1>
        {stage === "row" && <button onClick={() => setStage("dialog")}>Remove</button>}
        {stage === "dialog" && (
          <Dialog title="Remove it?" onClose={() => setStage("gone")}>
            <p>It opens your account no more.</p>
          </Dialog>
        )}
      </main>
    );
  }

  it("goes to the heading of the page when what opened a dialog is gone", async () => {
    render(<Opening />);
    await userEvent.click(screen.getByRole("button", { name: "Remove" }));
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Passkeys" }));
  });
});

describe("another page", () => {
  function Page({ title }: { title: string }): ReactElement {
    usePageTitle(title);
    return (
      <>
        <a href="#there">{"A link that stays"}</a>
        <main id="content">
          <h1>{title}</h1>
        </main>
        <PageTitleAloud />
      </>
    );
  }

  it("is said when a link keeps the focus, and read by its heading when nothing has it", () => {
    history.replaceState(null, "", "/first");
    const { rerender } = render(<Page title="First" />);
    screen.getByRole("link").focus();
    history.replaceState(null, "", "/second");
    rerender(<Page title="Second" />);
    expect(document.title).toBe("Second · AutoGraph");
    expect(screen.getByRole("status").textContent).toBe("Second");
    screen.getByRole("link").blur();
    history.replaceState(null, "", "/third");
    rerender(<Page title="Third" />);
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Third" }));
    expect(screen.getByRole("status").textContent).toBe("Second");
  });
});
