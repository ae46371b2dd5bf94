"""`python -m autograph` is the `autograph` program."""

from autograph.server.cli import main

if __name__ == "__main__":
    main()
