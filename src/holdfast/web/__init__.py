"""The archive in a browser: pages, their JSON twins, and the guard before them."""
