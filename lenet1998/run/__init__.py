"""One run: what decides it, what it leaves, several side by side."""
