/** Makes the document and opens it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import type { Document } from "../api";

export function useCreate(make: (title: string) => Promise<Document>) {
  const client = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (title: string) => make(title.trim()),
    onSuccess: (document) => {
      void client.invalidateQueries({ queryKey: ["documents"] });
      go(`/d/${document.id}`);
    },
  });
}

export const LONGEST_TITLE = 200;
