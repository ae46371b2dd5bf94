"""The program `autograph`, also as `python -m autograph`: what its start and its end need not do is left out."""

import gc


def main() -> None:
    """Run the program; it looks for garbage only in between.

    What an import makes stays: to look for garbage among it is a fifth of a start. At the end the system takes
    all at once what Python would take apart object by object, which is longer than everything else a stop does.
    """
    gc.disable()
    from autograph.server.cli import main as program  # noqa: PLC0415 - only now is nothing looked for

    try:
        program()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
