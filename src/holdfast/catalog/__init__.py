"""Tables derived from the vault; may be deleted and rebuilt at any time."""
