"""iaclint."""
