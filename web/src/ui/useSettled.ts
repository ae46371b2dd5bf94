/** A text once typing rests. */
import { useEffect, useState } from "react";

const RESTS_MS = 200;

export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), RESTS_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
