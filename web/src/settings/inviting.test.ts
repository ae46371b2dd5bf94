import { describe, expect, it } from "vitest";
import type { Invitation, Role, User } from "../api";
import { addressesIn, givable, grantBody, leadsTo, NOTHING_SAID } from "./inviting";

describe("pasted addresses", () => {
  it("come by lines, commas, semicolons and blanks, each once", () => {
    expect(addressesIn("a@x.example, b@x.example;c@x.example\n\n a@x.example d@x.example ")).toEqual(["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
    expect(addressesIn("Mara Lind <mara@harbour.example>, <tomas@harbour.example>")).toEqual(["mara@harbour.example", "tomas@harbour.example"]);
    expect(addressesIn(" \n,;")).toEqual([]);
  });

  it("that are none stay in one piece, to be told as such", () => {
    expect(addressesIn("not an address\na@x.example")).toEqual(["not an address", "a@x.example"]);
    expect(addressesIn("Mara <>, x@y.example")).toEqual(["x@y.example"]);
  });
});

describe("what an invitation brings", () => {
  it("travels without what goes without saying", () => {
    expect(grantBody(NOTHING_SAID)).toEqual({});
    expect(grantBody({ role: "viewer", team: "", teamRole: "guest", days: "7" })).toEqual({ role: "viewer", expires_in_days: 7 });
    expect(grantBody({ role: "editor", team: "t", teamRole: "admin", days: "" })).toEqual({ role: "editor", team_id: "t", team_role: "admin" });
  });

  it("has no role of its own for a guest", () => {
    expect(grantBody({ role: "editor", team: "t", teamRole: "guest", days: "" })).toEqual({ team_id: "t", team_role: "guest" });
  });

  it("gives no more than whoever invites may do", () => {
    const role = (name: string, permissions: string[]) => ({ name, permissions }) as Role;
    const me = { permissions: ["documents:read", "people:manage"] } as User;
    expect(givable([role("viewer", ["documents:read"]), role("admin", ["documents:read", "audit:read"])], me)).toEqual(["viewer"]);
  });

  it("is told in words", () => {
    const one = { team: null, team_role: null, role: "editor" } as Invitation;
    expect(leadsTo(one)).toBe("AutoGraph as editor");
    expect(leadsTo({ ...one, team: "Payments", team_role: "guest" })).toBe("Payments as guest");
  });
});
