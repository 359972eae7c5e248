"""Finds what of the archive a claim is about: channels and posts, by names in any script, time, media and words."""

from __future__ import annotations

from holdfast.reports.resolve.aliases import Aliases, load_aliases, parse_aliases
from holdfast.reports.resolve.clusters import Cluster, find_clusters
from holdfast.reports.resolve.naming import same_name

__all__ = ["Aliases", "Cluster", "find_clusters", "load_aliases", "parse_aliases", "same_name"]
