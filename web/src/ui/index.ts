/** The kit of parts every page is made of. */
export { Avatar } from "./Avatar";
export { Button, IconButton } from "./Button";
export { Choice } from "./Choice";
export { Dialog } from "./Dialog";
export { Failure } from "./Failure";
export { Fault, Field, PasswordField } from "./Field";
export { Icon, Mark } from "./Icon";
export { Menu, type MenuItem } from "./Menu";
export { Pager } from "./Pager";
export { Answer, Nothing, Panel, Sideways } from "./Panel";
export { SectionTabs, SideNav, type SectionGroup, type SectionLink } from "./Sections";
export { isTyping, useShortcuts } from "./shortcuts";
export { chooseTheme, currentTheme, useTheme, useThemeChoice, type Theme, type ThemeChoice } from "./theme";
export { ago, exactly } from "./time";
export { say, sayFailure, Toasts } from "./toast";
export { useSettled } from "./useSettled";
export { counted, figure, initials, size } from "./words";
