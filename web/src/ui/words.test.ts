import { describe, expect, it } from "vitest";
import { ago } from "./time";
import { counted, figure, initials, size } from "./words";

describe("times", () => {
  const now = new Date(2026, 10, 24, 12, 0, 0);
  const at = (...when: [number, number, number, number, number]) => ago(new Date(...when).toISOString(), now);

  it("are relative under a day and a date after it", () => {
    expect(ago(new Date(now.getTime() - 20_000).toISOString(), now)).toBe("just now");
    expect(at(2026, 10, 24, 11, 56)).toBe("4 min ago");
    expect(at(2026, 10, 24, 10, 0)).toBe("2 h ago");
    expect(at(2026, 10, 23, 23, 0)).toBe("yesterday");
    expect(at(2026, 10, 20, 9, 0)).toBe("20 Nov");
    expect(at(2025, 10, 20, 9, 0)).toBe("20 Nov 2025");
  });

  it("of a clock that runs ahead are just now", () => {
    expect(ago(new Date(now.getTime() + 60_000).toISOString(), now)).toBe("just now");
  });
});

describe("words", () => {
  it("count one and many", () => {
    expect(counted(1, "edge")).toBe("1 edge");
    expect(counted(23, "edge")).toBe("23 edges");
    expect(counted(2, "entry", "entries")).toBe("2 entries");
    expect(figure(1180)).toBe("1\u202f180");
  });

  it("shorten a name to its first and last letter", () => {
    expect(initials("Mara Lind")).toBe("ML");
    expect(initials("  ines de la duarte ")).toBe("ID");
    expect(initials("kofi")).toBe("KO");
    expect(initials("")).toBe("?");
  });

  it("give sizes a unit", () => {
    expect([size(12), size(12_400), size(3_400_000)]).toEqual(["12 B", "12 KB", "3.4 MB"]);
  });
});
