/** An address that leads nowhere. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import { usePageTitle } from "../ui";
import { EmptyDrawing } from "../ui/EmptyDrawing";

export function NotFound(): ReactElement {
  usePageTitle("Not found");
  return (
    <main className="main" id="content" style={{ height: "100%" }}>
      <div className="empty">
        <EmptyDrawing />
        <h1>There is nothing at this address</h1>
        <p>The document may be in someone’s trash, or the address was shortened on its way to you.</p>
        <Link href="/" className="btn primary">
          Open the library
        </Link>
      </div>
    </main>
  );
}
