"""The other methods of section III."""
