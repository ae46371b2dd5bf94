/** The frame of the pages before sign-in: mark, form, a quiet foot, and the example at the right. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { health } from "../api";
import { openKeySheet } from "../app/KeySheet";
import { themeItems } from "../app/themeItems";
import { Mark, Menu, usePageTitle, useThemeChoice } from "../ui";
import "./account.css";
import { ExampleDrawing } from "./ExampleDrawing";

export function AuthPage({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const version = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => health(signal), retry: false, staleTime: Infinity });
  const choice = useThemeChoice();
  usePageTitle(title);
  return (
    <div className="auth">
      <main className="auth-l" id="content">
        <div className="brand">
          <Mark size={22} />
          AutoGraph
        </div>
        {children}
        <footer className="auth-foot">
          <span>AutoGraph {version.data?.version}</span>
          <span className="grow" />
          <button type="button" className="with-keys" onClick={openKeySheet}>
            Keyboard help
          </button>
          <Menu label="Theme" align="end" items={themeItems(choice)}>
            {(trigger) => (
              <button type="button" {...trigger}>
                Theme
              </button>
            )}
          </Menu>
        </footer>
      </main>
      <ExampleDrawing />
    </div>
  );
}
