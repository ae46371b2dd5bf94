/** A part of the operations page: a title, what it holds, or why it cannot be shown. */
import type { ComponentProps, ReactElement } from "react";
import { Panel } from "../ui";

export { Answer, Nothing, Sideways } from "../ui";

interface CardProps extends Omit<ComponentProps<typeof Panel>, "className"> {
  wide?: boolean;
}

export function Card({ wide, ...panel }: CardProps): ReactElement {
  return <Panel {...panel} className={wide ? "op-card op-wide" : "op-card"} />;
}
