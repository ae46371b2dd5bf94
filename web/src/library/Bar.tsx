/** What stands above the documents: title, actions, order, view. */
import { ArrowUpDown, LayoutGrid, Menu as Lines, PanelRight, Plus, Search, Upload, X } from "lucide-react";
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { SortBy } from "../api";
import { Button, figure, Icon, IconButton, Mark, Menu } from "../ui";
import { PLACES } from "./Sidebar";
import type { Place } from "./usePages";

export const ORDERS: readonly { by: SortBy; label: string }[] = [
  { by: "updated_at", label: "Last edited" },
  { by: "created_at", label: "Created" },
  { by: "title", label: "Title" },
];

export function titleOf(place: Place): string {
  return PLACES.find((known) => known.place === place)?.title ?? "Library";
}

interface TopProps {
  place: Place;
  total: number | undefined;
  collapsed: boolean;
  onExpand: () => void;
  /** Why this person makes no documents; undefined for those who do. */
  noNew: string | undefined;
  onNew: () => void;
  onImport: () => void;
}

export function Top({ place, total, collapsed, onExpand, noNew, onNew, onImport }: TopProps): ReactElement {
  return (
    <header className="top">
      {collapsed && <IconButton icon={PanelRight} label="Show the sidebar" size="s" onClick={onExpand} />}
      <h1>{titleOf(place)}</h1>
      <span className="cnt">{total === undefined ? "" : figure(total)}</span>
      <span className="grow" />
      <Button icon={Upload} offBecause={noNew} onClick={onImport}>
        Import
      </Button>
      <Button kind="primary" icon={Plus} offBecause={noNew} onClick={onNew}>
        New document
      </Button>
    </header>
  );
}

export function PhoneTop({ place, onSearch, onNew }: { place: Place; onSearch: () => void; onNew: () => void }): ReactElement {
  return (
    <>
      <header className="top">
        <Mark size={22} />
        <h1>{titleOf(place)}</h1>
        <span className="grow" />
        <IconButton icon={Search} label="Search by title" size="t" iconSize={20} onClick={onSearch} />
        <IconButton icon={Plus} label="New document" size="t" iconSize={20} onClick={onNew} />
      </header>
      <nav className="chips" aria-label="Places">
        {PLACES.map(({ place: here, title, href }) => (
          <Link key={here} href={href} className={here === place ? "on" : ""} aria-current={here === place ? "page" : undefined}>
            {here === "all" ? "All" : title}
          </Link>
        ))}
      </nav>
    </>
  );
}

interface BarProps {
  q: string;
  onClear: () => void;
  sortBy: SortBy;
  onSort: (by: SortBy) => void;
  view: "grid" | "list";
  onView: (view: "grid" | "list") => void;
  place: Place;
}

export function Bar({ q, onClear, sortBy, onSort, view, onView, place }: BarProps): ReactElement {
  const order = ORDERS.find(({ by }) => by === sortBy);
  return (
    <div className="bar">
      {q && (
        <button type="button" className="chip set" onClick={onClear} aria-label={`Title contains ${q}. Clear the search`}>
          Title contains “<span className="trunc">{q}</span>”
          <Icon of={X} size={12} />
        </button>
      )}
      <span className="grow" />
      {place === "all" && (
        <Menu label="Order" align="end" items={ORDERS.map(({ by, label }) => ({ label, chosen: by === sortBy, onPick: () => onSort(by) }))}>
          {(trigger) => (
            <button type="button" className="chip plain" aria-label={`Order: ${order?.label}`} {...trigger}>
              <Icon of={ArrowUpDown} size={14} />
              {order?.label}
            </button>
          )}
        </Menu>
      )}
      <span className="seg" role="group" aria-label="View">
        <button type="button" className={view === "grid" ? "ibx on" : "ibx"} aria-label="Grid" title="Grid" aria-pressed={view === "grid"} onClick={() => onView("grid")}>
          <Icon of={LayoutGrid} size={14} />
        </button>
        <button type="button" className={view === "list" ? "ibx on" : "ibx"} aria-label="List" title="List" aria-pressed={view === "list"} onClick={() => onView("list")}>
          <Icon of={Lines} size={14} />
        </button>
      </span>
    </div>
  );
}
