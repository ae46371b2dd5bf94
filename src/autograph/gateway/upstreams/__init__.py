"""What stands between the table and one service: retries, and the breaker that cuts a failing one off."""
