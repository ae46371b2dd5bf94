/** Catches what a page throws while it draws, so that the rest stays and a way on is offered. */
import { Component, type ErrorInfo, type ReactNode } from "react";
import { Failure } from "../ui";

interface Props {
  /** A new value clears the failure: the address, for example. */
  resetKey: string;
  children: ReactNode;
}

interface State {
  error: Error | null;
  key: string;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, key: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.key ? null : { error: null, key: props.resetKey };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error("A part of the page failed.", error, info.componentStack);
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <main className="main">
        <div style={{ margin: "auto", width: 420, maxWidth: "calc(100% - 32px)" }}>
          <Failure title="This page stopped working" retry={() => location.reload()} retryLabel="Load the page again">
            What was saved is safe on the server. The cause: <span className="mono">{this.state.error.message}</span>
          </Failure>
        </div>
      </main>
    );
  }
}
