"""Where accounts are kept: all SQL that several parts of the room use; who calls opens the transactions."""
