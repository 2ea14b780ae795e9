"""Files, messages and signals: what touches the machine, and knows nothing of the subject."""
