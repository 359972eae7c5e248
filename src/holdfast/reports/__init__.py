"""Checks what a report says of posts and channels against what was captured."""
