"""Who may do what: what every operation answers to whom, what is sent to it, and what it is done to."""
