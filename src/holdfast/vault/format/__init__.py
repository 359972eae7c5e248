"""The bytes of a vault on paper: paths, framing, notes; pure."""
