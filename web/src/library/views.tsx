/** The three ways the library shows documents: a grid of pictures, a list, and a list for the phone. */
import { memo, type ReactElement } from "react";
import { Link } from "wouter";
import type { DocumentHead, User } from "../api";
import { Avatar } from "../ui";
import { Edited, EntryMenu, origin, Tick, type EntryActions } from "./entry";
import { Thumbnail } from "./Thumbnail";

export interface EntryProps {
  /** Undefined while it is on its way. */
  document: DocumentHead | undefined;
  index: number;
  total: number;
  me: User;
  actions: EntryActions;
}

/** The title as a link; in the trash it leads nowhere. */
function Title({ document, actions }: { document: DocumentHead; actions: EntryActions }): ReactElement {
  if (actions.place === "trash") return <span className="trunc title">{document.title}</span>;
  return (
    <Link className="trunc title" href={`/d/${document.id}`} title={document.title}>
      {document.title}
    </Link>
  );
}

export const GridEntry = memo(function GridEntry({ document, index, total, me, actions }: EntryProps): ReactElement {
  if (!document) {
    return (
      <div className="doc later" role="listitem" aria-busy="true" aria-label="Loading">
        <div className="sk th" />
        <div className="sk" style={{ height: 12, width: "60%", marginTop: 14 }} />
        <div className="sk" style={{ height: 10, width: "40%", marginTop: 10 }} />
      </div>
    );
  }
  const ticked = actions.selected.has(document.id);
  return (
    <div className={ticked ? "doc sel" : "doc"} role="listitem" aria-setsize={total} aria-posinset={index + 1} data-index={index}>
      <div className="th">
        <Thumbnail document={document} />
      </div>
      <h2>
        <Title document={document} actions={actions} />
      </h2>
      <div className="meta">
        <Avatar name={me.name} id={me.id} size="s" />
        <Edited document={document} />
        <span className="grow" />
        <span className="nw">{origin(document)}</span>
      </div>
      <span className="tick">
        <Tick document={document} actions={actions} />
      </span>
      <EntryMenu document={document} actions={actions} />
    </div>
  );
});

export const ListEntry = memo(function ListEntry({ document, index, me, actions }: EntryProps): ReactElement {
  if (!document) {
    return (
      <div className="line later" role="row" aria-busy="true">
        <span role="cell" />
        <span role="cell" className="row" style={{ gap: 12 }}>
          <span className="mini sk" />
          <span className="sk" style={{ height: 12, width: 180 }} />
        </span>
      </div>
    );
  }
  const ticked = actions.selected.has(document.id);
  return (
    <div className={ticked ? "line doc sel" : "line doc"} role="row" aria-rowindex={index + 2} data-index={index} aria-selected={ticked}>
      <span role="cell" className="tick">
        <Tick document={document} actions={actions} />
      </span>
      <span role="cell" className="row name">
        <span className="mini">
          <Thumbnail document={document} />
        </span>
        <Title document={document} actions={actions} />
      </span>
      <span role="cell" className="t2 trunc">
        {origin(document)}
      </span>
      <span role="cell" className="row t2 owner">
        <Avatar name={me.name} id={me.id} />
        <span className="trunc">{me.name}</span>
      </span>
      <span role="cell" className="num t3 edited">
        <Edited document={document} short />
      </span>
      <span role="cell">
        <EntryMenu document={document} actions={actions} />
      </span>
    </div>
  );
});

export const PhoneEntry = memo(function PhoneEntry({ document, index, total, actions }: EntryProps): ReactElement {
  if (!document) return <div className="pl sk later" role="listitem" aria-busy="true" aria-label="Loading" />;
  const position = { role: "listitem", "aria-setsize": total, "aria-posinset": index + 1, "data-index": index };
  if (index === 0) {
    return (
      <div className="doc lead" {...position}>
        <div className="th">
          <Thumbnail document={document} />
        </div>
        <div className="row">
          <div className="grow">
            <h2>
              <Title document={document} actions={actions} />
            </h2>
            <div className="t3 f12 row">
              <Edited document={document} />
              <span>·</span>
              {origin(document)}
            </div>
          </div>
          <EntryMenu document={document} actions={actions} touch />
        </div>
      </div>
    );
  }
  return (
    <div className="doc pl" {...position}>
      <span className="mini">
        <Thumbnail document={document} />
      </span>
      <div className="grow">
        <h2>
          <Title document={document} actions={actions} />
        </h2>
        <div className="row f12 t3">
          {origin(document)}
          <span>·</span>
          <Edited document={document} short />
        </div>
      </div>
      <EntryMenu document={document} actions={actions} touch />
    </div>
  );
});
