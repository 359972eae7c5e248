"""Log, disclosures and artefacts: the only source of truth."""
