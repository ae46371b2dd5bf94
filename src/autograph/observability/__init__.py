"""What every service carries: logs, correlation, problem answers."""
