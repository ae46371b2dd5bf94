/** The library's sidebar: search, places, and who is signed in. */
import { useQuery } from "@tanstack/react-query";
import { LayoutGrid, PanelRight, Search, Trash2, X } from "lucide-react";
import type { ReactElement, Ref } from "react";
import { Link } from "wouter";
import { diagrams, type User } from "../api";
import { AccountButton } from "../app/AccountButton";
import { figure, Icon, IconButton, Mark } from "../ui";
import { DOCUMENTS, type Place } from "./usePages";

export const PLACES = [
  { place: "all", title: "All documents", href: "/", icon: LayoutGrid },
  { place: "trash", title: "Trash", href: "/trash", icon: Trash2 },
] as const;

/** How many documents each place holds. */
function useCounts(): Readonly<Record<Place, number | undefined>> {
  const all = useQuery({ queryKey: [DOCUMENTS, "count", "all"], queryFn: ({ signal }) => diagrams.list({ page: 1, page_size: 1 }, signal) });
  const trash = useQuery({ queryKey: [DOCUMENTS, "count", "trash"], queryFn: ({ signal }) => diagrams.trash(1, 1, signal) });
  return { all: all.data?.total, trash: trash.data?.total };
}

interface SearchBoxProps {
  q: string;
  onSearch: (q: string) => void;
  handle: Ref<HTMLInputElement>;
}

export function SearchBox({ q, onSearch, handle }: SearchBoxProps): ReactElement {
  return (
    <div className="inp quiet search" role="search">
      <Icon of={Search} />
      <input
        ref={handle}
        type="text"
        inputMode="search"
        placeholder="Search"
        aria-label="Search by title"
        maxLength={200}
        value={q}
        onChange={(event) => onSearch(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          onSearch("");
          event.currentTarget.blur();
        }}
      />
      {q ? <IconButton icon={X} label="Clear the search" size="s" iconSize={14} onClick={() => onSearch("")} /> : <kbd>/</kbd>}
    </div>
  );
}

interface SidebarProps extends SearchBoxProps {
  place: Place;
  me: User;
  onCollapse: () => void;
}

export function Sidebar({ place, me, onCollapse, ...search }: SidebarProps): ReactElement {
  const counts = useCounts();
  return (
    <nav className="side" aria-label="Library">
      <div className="brand">
        <Mark />
        <span>AutoGraph</span>
        <span className="grow" />
        <IconButton icon={PanelRight} label="Collapse the sidebar" size="s" onClick={onCollapse} />
      </div>
      <div style={{ padding: "12px 0" }}>
        <SearchBox {...search} />
      </div>
      <ul className="nav">
        {PLACES.map(({ place: here, title, href, icon }) => (
          <li key={here}>
            <Link href={href} className={here === place ? "ni on" : "ni"} aria-current={here === place ? "page" : undefined}>
              <Icon of={icon} />
              <span className="trunc">{title}</span>
              <span className="cnt">{counts[here] === undefined ? "" : figure(counts[here])}</span>
            </Link>
          </li>
        ))}
      </ul>
      <span className="grow" />
      <AccountButton me={me} />
    </nav>
  );
}
