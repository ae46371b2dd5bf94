"""Top floor: the program. Reads the environment, opens pools, wires services into processes."""
