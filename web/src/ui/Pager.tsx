/** Pages of a long list. */
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactElement } from "react";
import { Button } from "./Button";

interface PagerProps {
  page: number;
  pageSize: number;
  total: number;
  onPage: (page: number) => void;
}

export function Pager({ page, pageSize, total, onPage }: PagerProps): ReactElement | null {
  if (total <= pageSize) return null;
  const last = Math.ceil(total / pageSize);
  const from = (page - 1) * pageSize + 1;
  return (
    <nav className="pager" aria-label="Pages">
      <span className="t3 f12 grow">
        {from} to {Math.min(page * pageSize, total)} of {total}
      </span>
      <Button size="s" icon={ChevronLeft} offBecause={page <= 1 && "This is the first page"} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <Button size="s" icon={ChevronRight} offBecause={page >= last && "This is the last page"} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
