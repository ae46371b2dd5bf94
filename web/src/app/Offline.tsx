/** A banner while the device has no connection. */
import { CloudOff } from "lucide-react";
import { useSyncExternalStore, type ReactElement } from "react";
import { Icon } from "../ui";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export function Offline(): ReactElement | null {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  if (online) return null;
  return (
    <div className="banner offline" role="status">
      <Icon of={CloudOff} />
      <span>No connection. Edits in an open document are kept here and sent when it returns.</span>
    </div>
  );
}
