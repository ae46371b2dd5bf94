/** Remove somebody for good; the documents go to somebody else, or with them. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { people, type Member } from "../api";
import { Button, counted, Dialog, Fault, Field, say, useSettled } from "../ui";
import { DocumentsTo, type Fate } from "./DocumentsTo";
import { MEMBERS } from "./MemberDialogs";
import { useSave } from "./useSave";

const MOST_SHOWN = 50;

export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }): ReactElement {
  const [fate, setFate] = useState<Fate>();
  const [text, setText] = useState("");
  const search = useSettled(text.trim());
  const ask = { page: 1, page_size: MOST_SHOWN, search, status: "active" as const };
  const found = useQuery({ queryKey: [...MEMBERS, "heirs", search], queryFn: ({ signal }) => people.list(ask, signal), placeholderData: keepPreviousData });
  const heirs = (found.data?.items ?? []).filter(({ id }) => id !== member.id).map(({ id, name, email }) => [id, `${name}, ${email}`] as const);
  const remove = useSave({
    send: () => people.remove(member.id, fate ?? null),
    renews: MEMBERS,
    then: ({ documents }) => {
      const what = documents === null ? "Their documents follow by themselves." : `${counted(documents, "document")} ${fate ? "given on" : "removed"}.`;
      say(`${member.name} is removed. ${what}`);
      onClose();
    },
  });
  const lacks = fate === undefined ? "Say what becomes of the documents" : fate === "" && "Choose who gets them";
  return (
    <Dialog
      title={`Remove ${member.name}?`}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={remove.isPending} offBecause={lacks} onClick={() => remove.mutate()}>
            Remove for good
          </Button>
        </>
      }
    >
      <div className="dlg-b dlg-form">
        <p>The account goes for good, with its keys and sessions. Teams that they alone own go to whoever follows in them, or with them. The audit log keeps its records, without address and name.</p>
        <DocumentsTo
          fate={fate}
          heirs={heirs}
          find={<Field label="Find" type="search" placeholder="Name or address" value={text} onText={setText} />}
          fault={remove.fault("documents_to")}
          nobody="There is nobody else."
          onFate={setFate}
        />
        {remove.refused && <Fault>{remove.refused}</Fault>}
      </div>
    </Dialog>
  );
}
