/** The choice of theme as menu entries. */
import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme, type MenuItem, type ThemeChoice } from "../ui";

const CHOICES = [
  { choice: "light", label: "Light", icon: Sun },
  { choice: "dark", label: "Dark", icon: Moon },
  { choice: "system", label: "As the system", icon: Monitor },
] as const;

export function themeItems(chosen: ThemeChoice): MenuItem[] {
  return CHOICES.map(({ choice, label, icon }) => ({
    label,
    icon,
    chosen: choice === chosen,
    onPick: () => chooseTheme(choice),
  }));
}
