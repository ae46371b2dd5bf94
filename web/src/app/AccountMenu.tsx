/** Who is signed in, the theme, all keys, and the way out. */
import { useQueryClient } from "@tanstack/react-query";
import { Activity, Keyboard, LogOut, Settings as SettingsIcon } from "lucide-react";
import type { ComponentProps, ReactElement } from "react";
import { useLocation } from "wouter";
import { auth, isProblem, type User } from "../api";
import { Menu, sayFailure, useThemeChoice, type MenuItem } from "../ui";
import { openKeySheet } from "./KeySheet";
import { themeItems } from "./themeItems";

interface AccountMenuProps {
  me: User;
  children: ComponentProps<typeof Menu>["children"];
}

export function AccountMenu({ me, children }: AccountMenuProps): ReactElement {
  const choice = useThemeChoice();
  const client = useQueryClient();
  const [, go] = useLocation();

  const signOut = async () => {
    try {
      await auth.signOut();
    } catch (problem) {
      if (!isProblem(problem) || problem.status !== 401) {
        sayFailure("You are still signed in: the server did not answer. Try again.");
        return;
      }
    }
    go("/sign-in");
    client.clear();
  };

  const forAdministrators: MenuItem[] = [{ label: "Operations", icon: Activity, keys: "G O", onPick: () => go("/operations") }];
  const items: MenuItem[] = [
    ...themeItems(choice),
    { label: "Settings", icon: SettingsIcon, keys: "G S", apart: true, onPick: () => go("/settings/profile") },
    ...(me.permissions.includes("operations:read") ? forAdministrators : []),
    { label: "All keys", icon: Keyboard, keys: "?", apart: true, onPick: openKeySheet },
    { label: "Sign out", icon: LogOut, apart: true, onPick: () => void signOut() },
  ];
  const head = (
    <>
      <div className="b6 trunc">{me.name}</div>
      <div className="t3 f12 trunc">{me.email}</div>
    </>
  );
  return (
    <Menu label="Account" items={items} head={head}>
      {children}
    </Menu>
  );
}
