/** Who is signed in, at the bottom of a sidebar; opens the account's menu. */
import { ChevronDown } from "lucide-react";
import type { ReactElement } from "react";
import type { User } from "../api";
import { Avatar, Icon } from "../ui";
import { AccountMenu } from "./AccountMenu";

export function AccountButton({ me }: { me: User }): ReactElement {
  return (
    <AccountMenu me={me}>
      {(trigger) => (
        <button type="button" className="me" {...trigger}>
          <Avatar name={me.name} id={me.id} />
          <span className="trunc b5">{me.name}</span>
          <span className="grow" />
          <Icon of={ChevronDown} size={14} />
        </button>
      )}
    </AccountMenu>
  );
}
